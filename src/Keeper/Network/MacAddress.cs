using System;

namespace Pocketvisor.Keeper.Network;

/// <summary>The address of a station on Ethernet (IEEE 802, "Universal and local addresses").</summary>
public readonly struct MacAddress
{
    public const int Bytes = 6;

    private const ulong Group = 1UL << 40, Local = 2UL << 40; // bits of the first byte

    private readonly ulong _bits;

    /// <param name="bits">The first byte on the wire is the most significant of 48 bits.</param>
    public MacAddress(ulong bits) => _bits = bits & 0xFFFF_FFFF_FFFF;

    public ulong Bits => _bits;

    /// <summary>Of one station: neither broadcast nor multicast.</summary>
    public bool IsUnicast => (_bits & Group) == 0;

    /// <summary>Given by whoever runs the station, not by its maker.</summary>
    public bool IsLocallyAdministered => (_bits & Local) != 0;

    public static MacAddress Read(ReadOnlySpan<byte> bytes)
    {
        ulong bits = 0;
        for (int i = 0; i < Bytes; i++) bits = bits << 8 | bytes[i];
        return new MacAddress(bits);
    }

    /// <summary>02 and 40 bits that depend on the name alone (FNV-1a), so that a profile keeps its address when it moves.</summary>
    public static MacAddress FromName(ReadOnlySpan<byte> name)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        for (int i = 0; i < name.Length; i++) hash = (hash ^ name[i]) * 0x100_0000_01B3;
        return new MacAddress(Local | (hash ^ hash >> 40) & 0xFF_FFFF_FFFF);
    }

    public bool Equals(MacAddress other) => _bits == other._bits;

    /// <summary>A byte of it as on the wire.</summary>
    public byte this[int index] => (byte)(_bits >> (40 - 8 * index));
}
