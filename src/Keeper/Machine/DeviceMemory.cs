using System.Threading;

namespace Pocketvisor.Keeper.Machine;

/// <summary>
/// Registers of the handset's devices and rings shared with them: each call is exactly one ordered access (ldar, stlr), never merged, repeated or dropped.
/// </summary>
public static unsafe class DeviceMemory
{
    public static byte Read8(ulong address) => Volatile.Read(ref *(byte*)address);
    public static ushort Read16(ulong address) => Volatile.Read(ref *(ushort*)address);
    public static uint Read32(ulong address) => Volatile.Read(ref *(uint*)address);
    public static ulong Read64(ulong address) => Volatile.Read(ref *(ulong*)address);
    public static void Write8(ulong address, byte value) => Volatile.Write(ref *(byte*)address, value);
    public static void Write16(ulong address, ushort value) => Volatile.Write(ref *(ushort*)address, value);
    public static void Write32(ulong address, uint value) => Volatile.Write(ref *(uint*)address, value);
    public static void Write64(ulong address, ulong value) => Volatile.Write(ref *(ulong*)address, value);
}
