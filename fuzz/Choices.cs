using System;
using System.Linq;

namespace Pocketvisor.Fuzz;

/// <summary>
/// Decisions that are taken from an input byte by byte, so that a changed byte is another decision and coverage leads the way. At the input's end all are 0.
/// Code that asks a <see cref="Random"/> can ask this instead.
/// </summary>
public sealed class Choices(byte[] input) : Random(0)
{
    private static readonly byte[] s_pattern = [.. Enumerable.Range(0, 0x1_0000).Select(i => (byte)(i * 7 + (i >> 8)))];

    private int _at;

    public bool HasMore => _at < input.Length;

    public byte Byte() => _at < input.Length ? input[_at++] : (byte)0;

    public ushort U16() => (ushort)(Byte() | Byte() << 8);

    public uint U32() => U16() | (uint)U16() << 16;

    public ulong U64() => U32() | (ulong)U32() << 32;

    public ReadOnlySpan<byte> Bytes(int most)
    {
        int n = Math.Min(most, input.Length - _at);
        _at += n;
        return input.AsSpan(_at - n, n);
    }

    public T Of<T>(ReadOnlySpan<T> values) => values[Next(values.Length)];

    public override int Next() => (int)(U32() & int.MaxValue);

    public override int Next(int maxValue) => maxValue <= 0x100 ? Byte() % Math.Max(maxValue, 1) : (int)((maxValue <= 0x1_0000 ? U16() : U32()) % (uint)maxValue);

    public override int Next(int minValue, int maxValue) => minValue + Next(maxValue - minValue);

    public override long NextInt64() => (long)(U64() & long.MaxValue);

    /// <summary>The same each time, at no cost to the input: these fill memory that nobody decides by.</summary>
    public override void NextBytes(Span<byte> buffer)
    {
        for (; buffer.Length > s_pattern.Length; buffer = buffer[s_pattern.Length..]) s_pattern.CopyTo(buffer);
        s_pattern.AsSpan(0, buffer.Length).CopyTo(buffer);
    }

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());
}
