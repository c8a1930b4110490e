using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Internal.Runtime.CompilerHelpers;

namespace System
{
    /// <summary>A bounds-checked window on memory; an index outside it panics.</summary>
    public readonly unsafe ref struct Span<T>
    {
        internal readonly ref T _reference;
        private readonly int _length;

        internal Span(ref T reference, int length) { _reference = ref reference; _length = length; }
        public Span(void* pointer, int length) { _reference = ref Unsafe.AsRef<T>(pointer); _length = length; }
        public Span(ref T reference) { _reference = ref Unsafe.AsRef(ref reference); _length = 1; }

        public Span(T[] array)
        {
            if (array == null) { this = default; return; }
            _reference = ref MemoryMarshal.GetArrayDataReference(array);
            _length = array.Length;
        }

        public Span(T[] array, int start, int length) => this = new Span<T>(array).Slice(start, length);

        public int Length { [Intrinsic] get => _length; }
        public bool IsEmpty => _length == 0;

        public ref T this[int i]
        {
            [Intrinsic]
            get
            {
                if ((uint)i >= (uint)_length) ThrowHelpers.ThrowIndexOutOfRangeException();
                return ref Unsafe.Add(ref _reference, (nint)(uint)i);
            }
        }

        public Span<T> Slice(int start)
        {
            if ((uint)start > (uint)_length) ThrowHelpers.ThrowIndexOutOfRangeException();
            return new(ref Unsafe.Add(ref _reference, (nint)(uint)start), _length - start);
        }

        public Span<T> Slice(int start, int length)
        {
            if ((ulong)(uint)start + (uint)length > (uint)_length) ThrowHelpers.ThrowIndexOutOfRangeException();
            return new(ref Unsafe.Add(ref _reference, (nint)(uint)start), length);
        }

        public void Fill(T value) { for (int i = 0; i < _length; i++) Unsafe.Add(ref _reference, i) = value; }
        public void Clear()
        {
            if (Unsafe.SizeOf<T>() == 1) SpanHelpers.ClearWithoutReferences(ref Unsafe.As<T, byte>(ref _reference), (nuint)(uint)_length);
            else for (int i = 0; i < _length; i++) Unsafe.Add(ref _reference, i) = default;
        }

        public void CopyTo(Span<T> destination) => ((ReadOnlySpan<T>)this).CopyTo(destination);

        public static implicit operator ReadOnlySpan<T>(Span<T> span) => new(ref span._reference, span._length);
        public static implicit operator Span<T>(T[] array) => new(array);
    }

    /// <inheritdoc cref="Span{T}"/>
    public readonly unsafe ref struct ReadOnlySpan<T>
    {
        internal readonly ref T _reference;
        private readonly int _length;

        internal ReadOnlySpan(ref T reference, int length) { _reference = ref reference; _length = length; }
        public ReadOnlySpan(void* pointer, int length) { _reference = ref Unsafe.AsRef<T>(pointer); _length = length; }
        public ReadOnlySpan(ref readonly T reference) { _reference = ref Unsafe.AsRef(in reference); _length = 1; }

        public ReadOnlySpan(T[] array)
        {
            if (array == null) { this = default; return; }
            _reference = ref MemoryMarshal.GetArrayDataReference(array);
            _length = array.Length;
        }

        public ReadOnlySpan(T[] array, int start, int length) => this = new ReadOnlySpan<T>(array).Slice(start, length);

        public int Length { [Intrinsic] get => _length; }
        public bool IsEmpty => _length == 0;

        public ref readonly T this[int i]
        {
            [Intrinsic]
            get
            {
                if ((uint)i >= (uint)_length) ThrowHelpers.ThrowIndexOutOfRangeException();
                return ref Unsafe.Add(ref _reference, (nint)(uint)i);
            }
        }

        public ReadOnlySpan<T> Slice(int start)
        {
            if ((uint)start > (uint)_length) ThrowHelpers.ThrowIndexOutOfRangeException();
            return new(ref Unsafe.Add(ref _reference, (nint)(uint)start), _length - start);
        }

        public ReadOnlySpan<T> Slice(int start, int length)
        {
            if ((ulong)(uint)start + (uint)length > (uint)_length) ThrowHelpers.ThrowIndexOutOfRangeException();
            return new(ref Unsafe.Add(ref _reference, (nint)(uint)start), length);
        }

        public void CopyTo(Span<T> destination)
        {
            if ((uint)_length > (uint)destination.Length) ThrowHelpers.ThrowArgumentException();
            if (Unsafe.SizeOf<T>() == 1)
            {
                SpanHelpers.CopyBytes(ref Unsafe.As<T, byte>(ref destination._reference), ref Unsafe.As<T, byte>(ref _reference), (nuint)(uint)_length);
                return;
            }

            for (int i = 0; i < _length; i++) Unsafe.Add(ref destination._reference, i) = Unsafe.Add(ref _reference, i);
        }

        public static implicit operator ReadOnlySpan<T>(T[] array) => new(array);

        public Enumerator GetEnumerator() => new(this);

        public ref struct Enumerator
        {
            private readonly ReadOnlySpan<T> _span;
            private int _index;
            internal Enumerator(ReadOnlySpan<T> span) { _span = span; _index = -1; }
            public bool MoveNext() => ++_index < _span.Length;
            public ref readonly T Current => ref _span[_index];
        }
    }

    /// <summary>Only what the code generator replaces block copies with; found by name.</summary>
    internal static unsafe class SpanHelpers
    {
        [Intrinsic]
        public static void ClearWithoutReferences(ref byte destination, nuint length)
        {
            nuint i = 0;
            for (; i + 8 <= length; i += 8) Unsafe.As<byte, ulong>(ref Unsafe.Add(ref destination, i)) = 0;
            for (; i < length; i++) Unsafe.Add(ref destination, i) = 0;
        }

        [Intrinsic]
        internal static void Memmove(ref byte destination, ref byte source, nuint length)
        {
            if ((nuint)Unsafe.ByteOffset(ref source, ref destination) >= length)
                for (nuint i = 0; i < length; i++) Unsafe.Add(ref destination, i) = Unsafe.Add(ref source, i);
            else
                for (nuint i = length; i > 0; i--) Unsafe.Add(ref destination, i - 1) = Unsafe.Add(ref source, i - 1);
        }

        // In ascending order, so that a move down may overlap; eight bytes at a time, aligned or not.
        internal static void CopyBytes(ref byte destination, ref byte source, nuint length)
        {
            nuint i = 0;
            for (; i + 8 <= length; i += 8)
                Unsafe.As<byte, ulong>(ref Unsafe.Add(ref destination, i)) = Unsafe.As<byte, ulong>(ref Unsafe.Add(ref source, i));
            for (; i < length; i++) Unsafe.Add(ref destination, i) = Unsafe.Add(ref source, i);
        }

        internal static void Fill(ref byte destination, byte value, nuint length)
        {
            for (nuint i = 0; i < length; i++) Unsafe.Add(ref destination, i) = value;
        }
    }

    internal static unsafe class Buffer
    {
        internal static void BulkMoveWithWriteBarrier(ref byte destination, ref byte source, nuint length) =>
            SpanHelpers.Memmove(ref destination, ref source, length);
    }
}
