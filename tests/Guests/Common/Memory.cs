using System.Threading;

namespace Pocketvisor.Guests;

/// <summary>Any address at all.</summary>
internal static unsafe class Memory
{
    public static byte Read8(ulong address) => Volatile.Read(ref *(byte*)address);
    public static uint Read32(ulong address) => Volatile.Read(ref *(uint*)address);
    public static ulong Read64(ulong address) => Volatile.Read(ref *(ulong*)address);
    public static void Write8(ulong address, byte value) => Volatile.Write(ref *(byte*)address, value);
    public static void Write32(ulong address, uint value) => Volatile.Write(ref *(uint*)address, value);
    public static void Write64(ulong address, ulong value) => Volatile.Write(ref *(ulong*)address, value);

    public static System.ReadOnlySpan<byte> Bytes(ulong address, int length) => new((void*)address, length);
}
