using System;

namespace Pocketvisor.Keeper.Link;

/// <summary>The cable to the PC, as bytes. Nothing here waits.</summary>
public abstract class ByteStream
{
    /// <summary>Whether somebody is at the other end, as far as the transport can know.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>Another number whenever somebody new is there, as far as the transport can know.</summary>
    public virtual uint Session => 0;

    /// <returns>How many bytes came; 0 if none.</returns>
    public abstract int Read(Span<byte> destination);

    /// <summary>All of it or nothing.</summary>
    public abstract bool TryWrite(ReadOnlySpan<byte> bytes);

    /// <summary>Before a round of reads and writes: takes back what the device is done with.</summary>
    public abstract void Poll();

    /// <summary>After it: tells the device what is there for it.</summary>
    public virtual void Flush()
    {
    }
}
