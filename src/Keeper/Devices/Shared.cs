using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Pocketvisor.Keeper.Devices;

/// <summary>
/// Fields of memory that another core, a guest or a device changes meanwhile. Each call is exactly one aligned access, which
/// the compiler can neither repeat nor split; reads acquire and writes release. Callers have checked the alignment.
/// </summary>
public static class Shared
{
    public static ushort ReadU16(Span<byte> memory, int offset) => Volatile.Read(ref Unsafe.As<byte, ushort>(ref memory.Slice(offset, 2)[0]));

    public static uint ReadU32(Span<byte> memory, int offset) => Volatile.Read(ref Unsafe.As<byte, uint>(ref memory.Slice(offset, 4)[0]));

    public static ulong ReadU64(Span<byte> memory, int offset) => Volatile.Read(ref Unsafe.As<byte, ulong>(ref memory.Slice(offset, 8)[0]));

    public static void WriteU16(Span<byte> memory, int offset, ushort value) => Volatile.Write(ref Unsafe.As<byte, ushort>(ref memory.Slice(offset, 2)[0]), value);

    public static void WriteU32(Span<byte> memory, int offset, uint value) => Volatile.Write(ref Unsafe.As<byte, uint>(ref memory.Slice(offset, 4)[0]), value);

    public static void WriteU64(Span<byte> memory, int offset, ulong value) => Volatile.Write(ref Unsafe.As<byte, ulong>(ref memory.Slice(offset, 8)[0]), value);

    /// <summary>Orders an earlier write before a later read, which acquire and release do not.</summary>
    public static void Barrier() => Interlocked.MemoryBarrier();
}
