using System;

namespace Pocketvisor.Keeper.Network;

/// <summary>What is behind a port of the switch. It is called on core 0, which holds no lock.</summary>
public abstract class SwitchClient
{
    /// <summary>A frame for it. More may follow at once.</summary>
    /// <param name="frame">Only until this returns.</param>
    public abstract void ReceiveFrame(ReadOnlySpan<byte> frame);

    /// <summary>Those were all, for now.</summary>
    public abstract void FinishReceive();

    /// <summary>There is room again for a frame to send, after there was none.</summary>
    public abstract void ResumeTransmit();
}
