using System.Runtime.CompilerServices;
using Internal.Runtime;

namespace System
{
    public unsafe class Object
    {
        internal MethodTable* _methodTable;

        public virtual bool Equals(object other) => (object)this == other;
        public virtual int GetHashCode() => 0;
        public virtual string ToString() => null;
    }

    public struct Nullable<T> where T : struct
    {
        private readonly bool hasValue; // ilc finds both fields by these names
        internal T value;

        public Nullable(T v) { hasValue = true; value = v; }

        public bool HasValue => hasValue;

        public T Value
        {
            get
            {
                if (!hasValue) Internal.Runtime.CompilerHelpers.ThrowHelpers.ThrowInvalidOperation();
                return value;
            }
        }

        public T GetValueOrDefault() => value;
        public T GetValueOrDefault(T fallback) => hasValue ? value : fallback;
        public static implicit operator Nullable<T>(T v) => new Nullable<T>(v);
        public static explicit operator T(Nullable<T> v) => v.Value;
    }

    public sealed class String
    {
        public readonly int Length;
        private char _firstChar;

        [Intrinsic] public char this[int i] => Unsafe.Add(ref _firstChar, i);
        public ref readonly char GetPinnableReference() => ref _firstChar;
    }

    public abstract class Array
    {
        internal int _length;
        public int Length => _length;
    }

    internal class Array<T> : Array { }

    /// <summary>Field order is fixed: the code generator reads offsets 8 (instance) and 32 (target).</summary>
    public abstract class Delegate
    {
        internal object _firstParameter, _helperObject;
        internal nint _extraFunctionPointerOrData, _functionPointer;

        private void InitializeClosedInstance(object target, nint function)
        {
            _functionPointer = function;
            _firstParameter = target;
        }

        private void InitializeClosedInstanceSlow(object target, nint function) => InitializeClosedInstance(target, function);

        private void InitializeOpenStaticThunk(object target, nint function, nint thunk)
        {
            _firstParameter = this;
            _functionPointer = thunk;
            _extraFunctionPointerOrData = function;
        }
    }

    public abstract class MulticastDelegate : Delegate { }

    public struct RuntimeTypeHandle { internal nint _value; }
    public struct RuntimeMethodHandle { internal nint _value; }
    public struct RuntimeFieldHandle { internal nint _value; }
    public class Type { }
    public class RuntimeType : Type { }
    public class Exception { }

    public interface IDisposable { void Dispose(); }
    public interface IEquatable<T> { bool Equals(T other); }

    public readonly struct Index
    {
        private readonly int _value;
        public Index(int value, bool fromEnd = false) => _value = fromEnd ? ~value : value;
        public int GetOffset(int length) => _value < 0 ? length + _value + 1 : _value;
        public static implicit operator Index(int value) => new(value);
    }

    public readonly struct Range
    {
        public Index Start { get; }
        public Index End { get; }
        public Range(Index start, Index end) { Start = start; End = end; }
    }

    public struct ValueTuple<T1, T2>
    {
        public T1 Item1;
        public T2 Item2;
        public ValueTuple(T1 item1, T2 item2) { Item1 = item1; Item2 = item2; }
    }

    public struct ValueTuple<T1, T2, T3>
    {
        public T1 Item1;
        public T2 Item2;
        public T3 Item3;
        public ValueTuple(T1 item1, T2 item2, T3 item3) { Item1 = item1; Item2 = item2; Item3 = item3; }
    }
}

namespace System.Collections
{
    public interface IEnumerator { bool MoveNext(); object Current { get; } }
    public interface IEnumerable { IEnumerator GetEnumerator(); }
}

namespace System.Collections.Generic
{
    public interface IEnumerator<out T> : IEnumerator, IDisposable { new T Current { get; } }
    public interface IEnumerable<out T> : IEnumerable { new IEnumerator<T> GetEnumerator(); }
}
