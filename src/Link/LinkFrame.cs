using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Link;

/// <summary>A frame as received. The payload is a window on the receiver's buffer: valid until the next call.</summary>
public readonly ref struct LinkFrame
{
    public LinkFrame(ReadOnlySpan<byte> frame)
    {
        Type = (LinkFrameType)frame[1];
        Profile = LittleEndian.ReadU16(frame, 2);
        RequestId = LittleEndian.ReadU16(frame, 6);
        Payload = frame.Slice(LinkProtocol.HeaderBytes, LittleEndian.ReadU16(frame, 4));
    }

    public LinkFrameType Type { get; }

    /// <summary>Index of the profile, or <see cref="LinkProtocol.Handset"/>.</summary>
    public ushort Profile { get; }

    /// <summary>The PC's choice; the answer carries it back. Events carry 0.</summary>
    public ushort RequestId { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Writes the header; the payload follows it in the same buffer.</summary>
    public static void WriteHeader(Span<byte> frame, LinkFrameType type, ushort profile, int payloadLength, ushort requestId)
    {
        frame[0] = LinkProtocol.Magic;
        frame[1] = (byte)type;
        LittleEndian.WriteU16(frame, 2, profile);
        LittleEndian.WriteU16(frame, 4, (ushort)payloadLength);
        LittleEndian.WriteU16(frame, 6, requestId);
    }

    /// <summary>Writes a whole frame.</summary>
    /// <returns>Its length in bytes.</returns>
    public static int Write(Span<byte> frame, LinkFrameType type, ushort profile, ReadOnlySpan<byte> payload, ushort requestId)
    {
        WriteHeader(frame, type, profile, payload.Length, requestId);
        payload.CopyTo(frame.Slice(LinkProtocol.HeaderBytes));
        return LinkProtocol.HeaderBytes + payload.Length;
    }
}
