using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

/// <summary>Answers on their way to the PC. While there is no room for the largest one, no request may be taken.</summary>
public sealed class LinkAnswers
{
    private const int MaxAnswer = LinkProtocol.HeaderBytes + LinkProtocol.MaxText;
    private const int MaxReason = 256;

    private readonly ByteRing _queue = new(2 * MaxAnswer);
    private readonly byte[] _answer = new byte[MaxAnswer];
    private readonly byte[] _frame = new byte[MaxAnswer];

    public bool HasRoom => _queue.Free >= MaxAnswer;

    /// <summary>What the next <see cref="Reply"/> says; where it is empty, a sentence for the status.</summary>
    public Text Reason { get; } = new(MaxReason);

    /// <summary>So many bytes, zeroed, for the payload of the next <see cref="Send"/>.</summary>
    public Span<byte> Payload(int length)
    {
        Span<byte> payload = new(_answer, LinkProtocol.HeaderBytes, length);
        payload.Clear();
        return payload;
    }

    public void Send(LinkFrameType type, ushort profile, ushort requestId, int payloadLength)
    {
        LinkFrame.Seal(_answer, type, profile, payloadLength, requestId);
        _queue.TryWriteAll(new ReadOnlySpan<byte>(_answer, 0, LinkProtocol.HeaderBytes + payloadLength));
    }

    public void Reply(ushort profile, ushort requestId, LinkStatus status)
    {
        if (Reason.Length == 0) Reason.Add(Sentence(status));
        Span<byte> payload = Payload(1 + Reason.Length);
        payload[0] = (byte)status;
        Reason.Bytes.CopyTo(payload.Slice(1));
        Reason.Clear();
        Send(LinkFrameType.Reply, profile, requestId, payload.Length);
    }

    /// <returns>False when the cable is full.</returns>
    public bool TrySend(LinkSender sender)
    {
        while (_queue.Peek(new Span<byte>(_frame, 0, LinkProtocol.HeaderBytes)) != 0)
        {
            Span<byte> frame = new(_frame, 0, LinkProtocol.HeaderBytes + LittleEndian.ReadU16(_frame, 4));
            _queue.Peek(frame);
            if (!sender.TrySend(frame)) return false;
            _queue.Discard(frame.Length);
        }

        return true;
    }

    public void Clear()
    {
        _queue.Clear();
        Reason.Clear();
    }

    private static ReadOnlySpan<byte> Sentence(LinkStatus status) => status switch
    {
        LinkStatus.Ok => "accepted"u8,
        LinkStatus.NoSuchProfile => "the handset has no such profile"u8,
        LinkStatus.WrongState => "the profile is not in a state for this"u8,
        LinkStatus.BadRequest => "the keeper does not understand this request"u8,
        LinkStatus.Busy => "the handset is busy with another request of this kind"u8,
        _ => "the keeper could not do this; see its log"u8,
    };
}
