using System;

namespace Pocketvisor.Link;

/// <summary>Cuts a byte stream into frames, and finds the next frame again after garbage.</summary>
public sealed class LinkReceiver
{
    private readonly byte[] _bytes = new byte[2 * LinkProtocol.MaxFrame];
    private int _start;
    private int _end;

    /// <summary>Bytes that were no part of a frame.</summary>
    public ulong Skipped { get; private set; }

    /// <summary>Whether bytes wait for the rest of their frame.</summary>
    public bool HasPart => _end > _start;

    /// <summary>Takes as many bytes as there is room for. Invalidates the last frame's payload.</summary>
    /// <returns>How many; all of them if <see cref="TryRead"/> was called until it said no and no more than <see cref="LinkProtocol.MaxFrame"/> come at once.</returns>
    public int Feed(ReadOnlySpan<byte> bytes)
    {
        new ReadOnlySpan<byte>(_bytes, _start, _end - _start).CopyTo(_bytes); // moves down: safe in ascending order
        _end -= _start;
        _start = 0;
        int n = Math.Min(bytes.Length, _bytes.Length - _end);
        bytes.Slice(0, n).CopyTo(new Span<byte>(_bytes, _end, n));
        _end += n;
        return n;
    }

    public bool TryRead(out LinkFrame frame)
    {
        for (; _end - _start >= LinkProtocol.HeaderBytes; Skip())
        {
            ReadOnlySpan<byte> bytes = new(_bytes, _start, _end - _start);
            int length = LittleEndian.ReadU16(bytes, 4);
            if (bytes[0] != LinkProtocol.Magic || length > LinkProtocol.MaxPayload) continue;
            if (bytes.Length < LinkProtocol.HeaderBytes + length) break;
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
        if (HasPart) Skip();
    }

    public void Clear() => _start = _end = 0;

    private void Skip()
    {
        _start++;
        Skipped++;
    }
}
