using System;

namespace Pocketvisor.Flash;

/// <summary>Numbers as exFAT stores them: unaligned, lowest byte first.</summary>
internal static class LittleEndian
{
    public static ushort Word(ReadOnlySpan<byte> bytes, int at) => (ushort)(bytes[at] | bytes[at + 1] << 8);

    public static uint Int(ReadOnlySpan<byte> bytes, int at) => Word(bytes, at) | (uint)Word(bytes, at + 2) << 16;

    public static ulong Long(ReadOnlySpan<byte> bytes, int at) => Int(bytes, at) | (ulong)Int(bytes, at + 4) << 32;

    public static void Put(Span<byte> bytes, int at, ushort value)
    {
        bytes[at] = (byte)value;
        bytes[at + 1] = (byte)(value >> 8);
    }

    public static void Put(Span<byte> bytes, int at, uint value)
    {
        Put(bytes, at, (ushort)value);
        Put(bytes, at + 2, (ushort)(value >> 16));
    }

    public static void Put(Span<byte> bytes, int at, ulong value)
    {
        Put(bytes, at, (uint)value);
        Put(bytes, at + 4, (uint)(value >> 32));
    }
}
