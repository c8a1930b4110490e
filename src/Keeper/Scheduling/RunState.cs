namespace Pocketvisor.Keeper.Scheduling;

internal enum RunState : byte
{
    /// <summary>In no queue, or turned off: only <see cref="RunQueue.Wake"/> makes it run.</summary>
    Off,

    Ready,

    /// <summary>Waits for an interrupt or its deadline.</summary>
    Asleep,
}
