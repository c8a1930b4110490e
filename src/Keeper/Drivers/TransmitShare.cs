namespace Pocketvisor.Keeper.Drivers;

/// <summary>What one sender has of the driver's transmit buffers.</summary>
public sealed class TransmitShare
{
    // The sender's own.
    internal int Buffer = -1; // the one in its hands, or -1

    // The driver's lock's.
    internal int Held;        // buffers in its hands or under way
    internal bool Waits;      // it found none, and hears when there are some

    internal int Notify;      // not 0 if the device wants to hear of what was sent; every core's
}
