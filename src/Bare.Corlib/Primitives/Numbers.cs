using System.Runtime.CompilerServices;

namespace System
{
    public struct Void { }
    public struct Boolean { }
    public struct Char { }
    public struct SByte { }
    public struct Byte { public const byte MaxValue = 0xff; }
    public struct Int16 { }
    public struct UInt16 { public const ushort MaxValue = 0xffff; }
    public struct Int32 { public const int MaxValue = 0x7fffffff; }
    public struct UInt32 { public const uint MaxValue = 0xffffffff; }
    public struct Int64 { public const long MaxValue = 0x7fffffffffffffff; }
    public struct UInt64 { public const ulong MaxValue = 0xffffffffffffffff; }
    public struct IntPtr { }
    public struct UIntPtr { }
    public struct Single { }
    public struct Double { }

    public abstract class ValueType { }
    public abstract class Enum : ValueType { }

    public static class Math
    {
        public static int Min(int a, int b) => a < b ? a : b;
        public static int Max(int a, int b) => a > b ? a : b;
        public static uint Min(uint a, uint b) => a < b ? a : b;
        public static uint Max(uint a, uint b) => a > b ? a : b;
        public static ulong Min(ulong a, ulong b) => a < b ? a : b;
        public static ulong Max(ulong a, ulong b) => a > b ? a : b;
    }
}

namespace System.Numerics
{
    /// <summary>Each is one instruction: the compiler replaces the bodies, which only look recursive.</summary>
    public static class BitOperations
    {
        [Intrinsic] public static int LeadingZeroCount(uint value) => LeadingZeroCount(value);
        [Intrinsic] public static int LeadingZeroCount(ulong value) => LeadingZeroCount(value);
        [Intrinsic] public static int TrailingZeroCount(uint value) => TrailingZeroCount(value);
        [Intrinsic] public static int TrailingZeroCount(ulong value) => TrailingZeroCount(value);
    }
}

namespace System.Buffers.Binary
{
    public static class BinaryPrimitives
    {
        [Intrinsic] public static uint ReverseEndianness(uint value) => ReverseEndianness(value);
        [Intrinsic] public static ulong ReverseEndianness(ulong value) => ReverseEndianness(value);
    }
}
