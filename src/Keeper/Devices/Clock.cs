namespace Pocketvisor.Keeper.Devices;

/// <summary>The two times that devices need.</summary>
public abstract class Clock
{
    /// <summary>Wall-clock seconds since 1970.</summary>
    public abstract uint Seconds { get; }

    /// <summary>Nanoseconds since power-on; never goes back.</summary>
    public abstract ulong Nanoseconds { get; }

    /// <summary>A turn of somebody who waits by this clock: to be called in each.</summary>
    public virtual void Waits()
    {
    }
}
