using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Boot;

/// <summary>The handset's PL011, as the firmware left it: ours in a panic, the keeper's otherwise.</summary>
internal static class Console
{
    private const uint Data = 0x00, Flags = 0x18, TransmitFull = 1 << 5;

    // Until the keeper has told: the embedded default handset's.
    private const ulong DefaultBase = 0x0900_0000;

    public static void Print(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++) Put(text[i]);
    }

    /// <summary>The number is less than a hundred.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Print(ReadOnlySpan<byte> text, ulong number)
    {
        Print(text);
        uint n = (uint)number;
        if (n >= 10) Put((byte)('0' + n / 10));
        Put((byte)('0' + n % 10));
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
        ulong registers = Handset.Description.Ranges[HandsetDescription.Uart].Start;
        if (registers == 0) registers = DefaultBase;
        while ((Volatile.Read(ref PhysicalMemory.Register(registers + Flags)) & TransmitFull) != 0) { }
        Volatile.Write(ref PhysicalMemory.Register(registers + Data), c);
    }
}
