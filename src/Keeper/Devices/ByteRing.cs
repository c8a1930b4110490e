using System;

namespace Pocketvisor.Keeper.Devices;

/// <summary>A queue of bytes that refuses what does not fit. For one that forgets the oldest instead, see <see cref="Backlog"/>.</summary>
public sealed class ByteRing
{
    private readonly byte[] _bytes;
    private int _first;

    public ByteRing(int capacity) => _bytes = new byte[capacity];

    public int Count { get; private set; }

    public int Free => _bytes.Length - Count;

    /// <returns>How many of the bytes fitted.</returns>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        int n = Math.Min(bytes.Length, Free);
        int end = Wrap(_first + Count);
        int straight = Math.Min(n, _bytes.Length - end);
        bytes.Slice(0, straight).CopyTo(new Span<byte>(_bytes, end, straight));
        bytes.Slice(straight, n - straight).CopyTo(new Span<byte>(_bytes, 0, n - straight));
        Count += n;
        return n;
    }

    /// <summary>All of it or nothing.</summary>
    public bool TryWriteAll(ReadOnlySpan<byte> bytes) => bytes.Length <= Free && Write(bytes) == bytes.Length;

    /// <summary>Copies the oldest bytes and keeps them.</summary>
    public int Peek(Span<byte> destination)
    {
        int n = Math.Min(destination.Length, Count);
        int straight = Math.Min(n, _bytes.Length - _first);
        new ReadOnlySpan<byte>(_bytes, _first, straight).CopyTo(destination);
        new ReadOnlySpan<byte>(_bytes, 0, n - straight).CopyTo(destination.Slice(straight));
        return n;
    }

    public int Read(Span<byte> destination)
    {
        int n = Peek(destination);
        Discard(n);
        return n;
    }

    /// <summary>The oldest byte, or -1.</summary>
    public int ReadByte()
    {
        if (Count == 0) return -1;
        byte value = _bytes[_first];
        Discard(1);
        return value;
    }

    public void Discard(int count)
    {
        count = Math.Min(count, Count);
        _first = Wrap(_first + count);
        Count -= count;
    }

    public void Clear()
    {
        _first = 0;
        Count = 0;
    }

    private int Wrap(int index) => index >= _bytes.Length ? index - _bytes.Length : index;
}
