using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Link;

/// <summary>A frame as received. The payload is a window on the receiver's buffer: valid until the next call.</summary>
public readonly ref struct LinkFrame
{
    private const int PayloadCheck = 8, HeaderCheck = 12;

    /// <param name="frame">It, and perhaps more. Its checks have been looked at.</param>
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

    /// <summary>Writes the header before a payload that is there already, all but its own check.</summary>
    public static void Seal(Span<byte> frame, LinkFrameType type, ushort profile, int payloadLength, ushort requestId)
    {
        frame[0] = LinkProtocol.Magic;
        frame[1] = (byte)type;
        LittleEndian.WriteU16(frame, 2, profile);
        LittleEndian.WriteU16(frame, 4, (ushort)payloadLength);
        LittleEndian.WriteU16(frame, 6, requestId);
        LittleEndian.WriteU32(frame, PayloadCheck, Crc32C.Of(frame.Slice(LinkProtocol.HeaderBytes, payloadLength)));
    }

    /// <summary>Writes the header's check, for the receiver who has the key.</summary>
    public static void Sign(Span<byte> frame, uint key) => LittleEndian.WriteU32(frame, HeaderCheck, Check(frame, key));

    /// <summary>Writes a whole frame.</summary>
    /// <returns>Its length in bytes.</returns>
    public static int Write(Span<byte> frame, LinkFrameType type, ushort profile, ReadOnlySpan<byte> payload, ushort requestId, uint key = 0)
    {
        payload.CopyTo(frame.Slice(LinkProtocol.HeaderBytes));
        Seal(frame, type, profile, payload.Length, requestId);
        Sign(frame, key);
        return LinkProtocol.HeaderBytes + payload.Length;
    }

    /// <summary>Whether a frame's header is here, as it was sent. Its payload may be still under way, or wrong.</summary>
    internal static bool IsHeader(ReadOnlySpan<byte> bytes, uint key, out int payloadLength)
    {
        payloadLength = LittleEndian.ReadU16(bytes, 4);
        return bytes[0] == LinkProtocol.Magic && payloadLength <= LinkProtocol.MaxPayload
            && LittleEndian.ReadU32(bytes, HeaderCheck) == Check(bytes, key);
    }

    // The two before both ends know the other's key have none. Neither changes anything, and a Welcome holds the PC's.
    private static uint Check(ReadOnlySpan<byte> bytes, uint key) =>
        Crc32C.Of(bytes.Slice(0, HeaderCheck)) ^ ((LinkFrameType)bytes[1] is LinkFrameType.Knock or LinkFrameType.Welcome ? 0 : key);

    /// <summary>Whether the payload behind this header is as it was sent.</summary>
    internal static bool IsPayload(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => LittleEndian.ReadU32(header, PayloadCheck) == Crc32C.Of(payload);
}
