namespace Pocketvisor.Link;

/// <summary>What of a name on the flash is meant.</summary>
public enum LinkStored : byte
{
    Profile = 1,

    /// <summary>A push that was begun and not committed.</summary>
    Unfinished = 2,
}
