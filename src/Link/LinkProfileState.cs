namespace Pocketvisor.Link;

/// <summary>Where a profile is in its life.</summary>
public enum LinkProfileState : byte
{
    Off = 0,
    Starting = 1,
    Running = 2,
    Stopping = 3,
    Failed = 4,
}
