using System;
using Pocketvisor.Abi;

namespace Pocketvisor.Guests;

/// <summary>A PL011 as it is after reset: the virtual handset's, unless told otherwise.</summary>
internal static class Console
{
    private const uint Flags = 0x18, TransmitFull = 1 << 5;

    /// <summary>Where it is.</summary>
    public static ulong Address = VirtualHandset.Pl011;

    public static void Print(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++) Put(text[i]);
    }

    public static void Line(ReadOnlySpan<byte> text)
    {
        Print("guest: "u8);
        Print(text);
        Print("\r\n"u8);
    }

    /// <summary>guest: WHAT NUMBER.</summary>
    public static void Line(ReadOnlySpan<byte> what, ulong number)
    {
        Print("guest: "u8);
        Print(what);
        Put((byte)' ');
        Decimal(number);
        Print("\r\n"u8);
    }

    public static void Decimal(ulong value)
    {
        if (value > 9) Decimal(value / 10);
        Put((byte)('0' + value % 10));
    }

    public static void Hex(ulong value)
    {
        for (int shift = 60; shift >= 0; shift -= 4)
        {
            int digit = (int)(value >> shift) & 15;
            Put((byte)(digit < 10 ? '0' + digit : 'a' - 10 + digit));
        }
    }

    private static void Put(byte c)
    {
        while ((Memory.Read32(Address + Flags) & TransmitFull) != 0) { }
        Memory.Write32(Address, c);
    }
}
