using System;

namespace Pocketvisor.Keeper.Machine;

/// <summary>The handset's own PL011 (Arm DDI 0183), written by polling. The firmware has set it up.</summary>
public static class HandsetUart
{
    private const ulong Data = 0, Flags = 0x18;
    private const uint TransmitFull = 1 << 5;

    private static ulong s_address;

    /// <summary>Where the registers are; until then nothing is written.</summary>
    public static void Initialize(ulong address) => s_address = address;

    public static void Write(ReadOnlySpan<byte> text)
    {
        if (s_address == 0) return;
        foreach (byte b in text)
        {
            while ((DeviceMemory.Read32(s_address + Flags) & TransmitFull) != 0) Cpu.Yield();
            DeviceMemory.Write32(s_address + Data, b);
        }
    }

    /// <summary>Hexadecimal digits, as few as it takes; without a heap.</summary>
    public static void WriteHex(ulong value)
    {
        Span<byte> digit = stackalloc byte[1];
        int shift = 60;
        while (shift > 0 && value >> shift == 0) shift -= 4;
        for (; shift >= 0; shift -= 4)
        {
            digit[0] = "0123456789abcdef"u8[(int)(value >> shift) & 15];
            Write(digit);
        }
    }
}
