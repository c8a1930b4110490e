using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Link;

/// <summary>CRC-32C (Castagnoli; RFC 3720, "CRC"), by the processor's instructions. PC and tests have one of their own.</summary>
public static unsafe class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? 0 : Compute(Unsafe.AsPointer(ref Unsafe.AsRef(in bytes[0])), (ulong)bytes.Length);

    [RuntimeImport("*", "memory_crc32c"), MethodImpl(MethodImplOptions.InternalCall)] private static extern uint Compute(void* bytes, ulong length);
}
