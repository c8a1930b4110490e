using System;

namespace Pocketvisor.Link;

/// <summary>Cuts a byte stream into frames, drops those that are not as they were sent, and finds the next one again after them.</summary>
public sealed class LinkReceiver
{
    private readonly byte[] _bytes = new byte[2 * LinkProtocol.MaxFrame];
    private int _start;
    private int _end;

    /// <summary>What the other end must know, so that its bytes are frames.</summary>
    public uint Key { get; set; }

    /// <summary>Bytes that were no part of a frame.</summary>
    public ulong Skipped { get; private set; }

    /// <summary>Whether bytes wait for the rest of their frame.</summary>
    public bool HasPart => _end > _start;

    /// <summary>
    /// Where the next bytes can be put: at least <see cref="LinkProtocol.MaxFrame"/> of them if <see cref="TryRead"/> was called until it said
    /// no. Invalidates the last frame's payload.
    /// </summary>
    public Span<byte> Room()
    {
        // Moving what is left down costs a copy, so not each time.
        if (_start == _end || _bytes.Length - _end < LinkProtocol.MaxFrame)
        {
            new ReadOnlySpan<byte>(_bytes, _start, _end - _start).CopyTo(_bytes); // moves down: safe in ascending order
            _end -= _start;
            _start = 0;
        }

        return new Span<byte>(_bytes, _end, _bytes.Length - _end);
    }

    /// <summary>So many bytes have been put there.</summary>
    public void Received(int count) => _end += count;

    /// <summary>Takes as many bytes as there is room for.</summary>
    /// <returns>How many.</returns>
    public int Feed(ReadOnlySpan<byte> bytes)
    {
        Span<byte> room = Room();
        int n = Math.Min(bytes.Length, room.Length);
        bytes.Slice(0, n).CopyTo(room);
        Received(n);
        return n;
    }

    public bool TryRead(out LinkFrame frame)
    {
        for (; _end - _start >= LinkProtocol.HeaderBytes; Skip(1))
        {
            ReadOnlySpan<byte> bytes = new(_bytes, _start, _end - _start);
            if (!LinkFrame.IsHeader(bytes, Key, out int length)) continue;
            if (bytes.Length < LinkProtocol.HeaderBytes + length) break;
            if (!LinkFrame.IsPayload(bytes, bytes.Slice(LinkProtocol.HeaderBytes, length)))
            {
                // The length is right, so what looks like a frame in the payload is none. Only its last bytes may be the next frame's header, if some were lost.
                // And so nothing is looked at again and again, whatever is sent.
                Skip(length);
                continue;
            }

            _start += LinkProtocol.HeaderBytes + length;
            frame = new LinkFrame(bytes);
            return true;
        }

        frame = default;
        return false;
    }

    /// <summary>
    /// Gives up waiting for the rest of a frame, whose sender may have gone in the middle of it, and looks for a frame in what
    /// came since.
    /// </summary>
    public void Abandon()
    {
        if (HasPart) Skip(1);
    }

    public void Clear() => _start = _end = 0;

    private void Skip(int count)
    {
        _start += count;
        Skipped += (ulong)count;
    }
}
