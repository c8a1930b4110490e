using System;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

/// <summary>Frames to the PC.</summary>
public sealed class LinkSender
{
    private readonly ByteStream _stream;

    public LinkSender(ByteStream stream) => _stream = stream;

    /// <summary>The PC's, from its Hello: it takes no other frames.</summary>
    public uint Key { get; set; }

    /// <summary>All of a sealed frame or nothing.</summary>
    /// <returns>False when the cable is full.</returns>
    public bool TrySend(Span<byte> frame)
    {
        LinkFrame.Sign(frame, Key);
        return _stream.TryWrite(frame);
    }
}
