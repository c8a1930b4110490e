using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Pocketvisor.Link;

/// <summary>CRC-32C (Castagnoli; RFC 3720, "CRC"). The keeper has one of its own.</summary>
public static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
