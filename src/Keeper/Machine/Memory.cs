using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Keeper.Machine;

/// <summary>The handset's memory by physical address, which is also where the keeper sees it. Callers have checked the range.</summary>
public static unsafe class Memory
{
    /// <summary>A window on memory.</summary>
    public static Span<byte> At(ulong address, int length) => new((void*)address, length);

    public static byte Read8(ulong address) => *(byte*)address;
    public static ushort Read16(ulong address) => *(ushort*)address;
    public static uint Read32(ulong address) => *(uint*)address;
    public static ulong Read64(ulong address) => *(ulong*)address;
    public static void Write8(ulong address, byte value) => *(byte*)address = value;
    public static void Write16(ulong address, ushort value) => *(ushort*)address = value;
    public static void Write32(ulong address, uint value) => *(uint*)address = value;
    public static void Write64(ulong address, ulong value) => *(ulong*)address = value;

    /// <summary>Physical address of memory that is not in the image, such as an array on the heap.</summary>
    public static ulong AddressOf(Span<byte> span) => span.IsEmpty ? 0 : (ulong)Unsafe.AsPointer(ref span[0]);

    /// <summary>Copies forward; fastest where both addresses and the size are multiples of 128.</summary>
    public static void Copy(ulong destination, ulong source, ulong size) => CopyForward(destination, source, size);

    /// <summary>Zeroes; address and size are multiples of 16.</summary>
    public static void Clear(ulong address, ulong size) => ClearWords(address, size);

    /// <summary>
    /// Writes the caches back, so that a guest that starts with its caches off finds what was stored, and drops stale instructions.
    /// </summary>
    public static void CleanToCoherency(ulong address, ulong size)
    {
        if (size != 0) Clean(address, address + size);
    }

    /// <summary>Writes the caches back, so that a guest that reads past its caches finds what was stored. Not for code.</summary>
    public static void CleanDataToCoherency(ulong address, ulong size)
    {
        if (size != 0) CleanData(address, address + size);
    }

    [RuntimeImport("*", "memory_copy"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void CopyForward(ulong destination, ulong source, ulong size);
    [RuntimeImport("*", "memory_clear"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ClearWords(ulong address, ulong size);
    [RuntimeImport("*", "memory_clean_data"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void CleanData(ulong start, ulong end);
    [RuntimeImport("*", "memory_clean"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Clean(ulong start, ulong end);
}
