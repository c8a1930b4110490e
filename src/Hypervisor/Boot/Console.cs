using System;
using System.Threading;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Boot;

/// <summary>The handset's PL011, as the firmware left it: ours during boot and in a panic, the keeper's otherwise.</summary>
internal static class Console
{
    private const uint Data = 0x00, Flags = 0x18, TransmitFull = 1 << 5;

    /// <summary>Until the device tree has told: the embedded default handset's.</summary>
    public const ulong DefaultBase = 0x0900_0000;

    public static ulong Base;

    public static void Print(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++) Put(text[i]);
    }

    public static void Print(ReadOnlySpan<byte> text, ulong number)
    {
        Print(text);
        Decimal(number);
    }

    public static void Hex(ulong value)
    {
        for (int shift = 60; shift >= 0; shift -= 4)
        {
            int digit = (int)(value >> shift) & 15;
            Put((byte)(digit < 10 ? '0' + digit : 'a' - 10 + digit));
        }
    }

    private static void Decimal(ulong value)
    {
        if (value > 9) Decimal(value / 10);
        Put((byte)('0' + value % 10));
    }

    private static void Put(byte c)
    {
        while ((Volatile.Read(ref PhysicalMemory.Register(Base + Flags)) & TransmitFull) != 0) { }
        Volatile.Write(ref PhysicalMemory.Register(Base + Data), c);
    }
}
