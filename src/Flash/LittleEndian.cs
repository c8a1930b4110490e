using System;

namespace Pocketvisor.Flash;

/// <summary>Numbers in byte streams, byte by byte, so that alignment does not matter.</summary>
public static class LittleEndian
{
    public static ushort ReadU16(ReadOnlySpan<byte> bytes, int offset) => (ushort)(bytes[offset] | bytes[offset + 1] << 8);

    public static uint ReadU32(ReadOnlySpan<byte> bytes, int offset) => ReadU16(bytes, offset) | (uint)ReadU16(bytes, offset + 2) << 16;

    public static ulong ReadU64(ReadOnlySpan<byte> bytes, int offset) => ReadU32(bytes, offset) | (ulong)ReadU32(bytes, offset + 4) << 32;

    public static void WriteU16(Span<byte> bytes, int offset, ushort value)
    {
        bytes[offset] = (byte)value;
        bytes[offset + 1] = (byte)(value >> 8);
    }

    public static void WriteU32(Span<byte> bytes, int offset, uint value)
    {
        WriteU16(bytes, offset, (ushort)value);
        WriteU16(bytes, offset + 2, (ushort)(value >> 16));
    }

    public static void WriteU64(Span<byte> bytes, int offset, ulong value)
    {
        WriteU32(bytes, offset, (uint)value);
        WriteU32(bytes, offset + 4, (uint)(value >> 32));
    }
}
