using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace System.Runtime.CompilerServices
{
    public static unsafe class RuntimeHelpers
    {
        public static int OffsetToStringData => sizeof(nint) + sizeof(int);
        [Intrinsic] public static extern void InitializeArray(Array array, RuntimeFieldHandle field);
        [Intrinsic] public static extern ReadOnlySpan<T> CreateSpan<T>(RuntimeFieldHandle field);
        [Intrinsic] public static extern bool IsReferenceOrContainsReferences<T>();
    }

    public static unsafe class Unsafe
    {
        [Intrinsic] public static extern ref T Add<T>(ref T source, int count);
        [Intrinsic] public static extern ref T Add<T>(ref T source, nint count);
        [Intrinsic] public static extern ref T Add<T>(ref T source, nuint count);
        [Intrinsic] public static extern ref TTo As<TFrom, TTo>(ref TFrom source);
        [Intrinsic] public static extern T As<T>(object o) where T : class;
        [Intrinsic] public static extern void* AsPointer<T>(ref T value);
        [Intrinsic] public static extern ref T AsRef<T>(void* pointer);
        [Intrinsic] public static extern ref T AsRef<T>(scoped ref readonly T value);
        [Intrinsic] public static extern nint ByteOffset<T>(ref readonly T origin, ref readonly T target);
        [Intrinsic] public static extern int SizeOf<T>();
        [Intrinsic] public static extern T ReadUnaligned<T>(ref readonly byte source);
        [Intrinsic] public static extern void SkipInit<T>(out T value);
        [Intrinsic] public static extern bool AreSame<T>(ref readonly T left, ref readonly T right);
    }

    internal struct StaticClassConstructionContext { public nint cctorMethodAddress; } // ilc knows the name

    internal static unsafe class ClassConstructorRunner
    {
        private static nint CheckStaticClassConstructionReturnNonGCStaticBase(ref StaticClassConstructionContext context, nint statics)
        {
            CheckStaticClassConstruction(ref context);
            return statics;
        }

        private static object CheckStaticClassConstructionReturnGCStaticBase(ref StaticClassConstructionContext context, object statics)
        {
            CheckStaticClassConstruction(ref context);
            return statics;
        }

        private static void CheckStaticClassConstruction(ref StaticClassConstructionContext context)
        {
            nint constructor = context.cctorMethodAddress;
            if (constructor == 0) return;
            context.cctorMethodAddress = 0;
            ((delegate*<void>)constructor)();
        }
    }
}

namespace System.Runtime.InteropServices
{
    internal class RawArrayData { public uint Length, Padding; public byte Data; }

    public static unsafe class MemoryMarshal
    {
        public static Span<T> CreateSpan<T>(scoped ref T reference, int length) => new(ref Unsafe.AsRef(ref reference), length);
        public static ReadOnlySpan<T> CreateReadOnlySpan<T>(scoped ref readonly T reference, int length) => new(ref Unsafe.AsRef(in reference), length);
        [Intrinsic] public static ref T GetArrayDataReference<T>(T[] array) => ref Unsafe.As<byte, T>(ref Unsafe.As<RawArrayData>(array).Data);
        public static ref T GetReference<T>(Span<T> span) => ref span._reference;
        public static ref T GetReference<T>(ReadOnlySpan<T> span) => ref span._reference;
    }
}

namespace System.Threading
{
    /// <summary>ldar and stlr: ordered, never merged, split, dropped or repeated. The only way to touch a device register.</summary>
    public static class Volatile
    {
        [Intrinsic] public static byte Read(ref readonly byte location) => Read(in location);
        [Intrinsic] public static ushort Read(ref readonly ushort location) => Read(in location);
        [Intrinsic] public static int Read(ref readonly int location) => Read(in location);
        [Intrinsic] public static uint Read(ref readonly uint location) => Read(in location);
        [Intrinsic] public static ulong Read(ref readonly ulong location) => Read(in location);
        public static bool Read(ref readonly bool location) => Read(in Unsafe.As<bool, byte>(ref Unsafe.AsRef(in location))) != 0;
        [Intrinsic] public static void Write(ref byte location, byte value) => Write(ref location, value);
        [Intrinsic] public static void Write(ref ushort location, ushort value) => Write(ref location, value);
        [Intrinsic] public static void Write(ref int location, int value) => Write(ref location, value);
        [Intrinsic] public static void Write(ref uint location, uint value) => Write(ref location, value);
        [Intrinsic] public static void Write(ref ulong location, ulong value) => Write(ref location, value);
        public static void Write(ref bool location, bool value) => Write(ref Unsafe.As<bool, byte>(ref location), (byte)(value ? 1 : 0));
    }

    /// <summary>ldaxr, stlxr and a full barrier.</summary>
    public static class Interlocked
    {
        [Intrinsic] public static int CompareExchange(ref int location, int value, int comparand) => CompareExchange(ref location, value, comparand);
        [Intrinsic] public static uint CompareExchange(ref uint location, uint value, uint comparand) => CompareExchange(ref location, value, comparand);
        [Intrinsic] public static long CompareExchange(ref long location, long value, long comparand) => CompareExchange(ref location, value, comparand);
        [Intrinsic] public static int Exchange(ref int location, int value) => Exchange(ref location, value);
        [Intrinsic] public static long Exchange(ref long location, long value) => Exchange(ref location, value);
        [Intrinsic] public static int ExchangeAdd(ref int location, int value) => ExchangeAdd(ref location, value);
        [Intrinsic] public static long ExchangeAdd(ref long location, long value) => ExchangeAdd(ref location, value);
        public static int Add(ref int location, int value) => ExchangeAdd(ref location, value) + value;
        public static int Increment(ref int location) => Add(ref location, 1);
        public static int Decrement(ref int location) => Add(ref location, -1);
        [Intrinsic] public static void MemoryBarrier() => MemoryBarrier();
    }
}
