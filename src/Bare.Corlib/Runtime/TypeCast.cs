using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Internal.Runtime;
using Internal.Runtime.CompilerHelpers;

namespace System.Runtime
{
    /// <summary>Type checks that ilc calls by name. Interfaces are left out: bare programs dispatch through abstract classes.</summary>
    internal static unsafe class TypeCast
    {
        private static object IsInstanceOfClass(MethodTable* type, object o)
        {
            if (o == null) return null;
            for (MethodTable* t = o._methodTable; t != null; t = t->RelatedType)
                if (t == type) return o;
            return null;
        }

        private static object IsInstanceOfAny(MethodTable* type, object o) => IsInstanceOfClass(type, o);

        private static object CheckCastClass(MethodTable* type, object o)
        {
            if (o != null && IsInstanceOfClass(type, o) == null) BarePanic.Die(FailedCheck.InvalidCast);
            return o;
        }

        private static object CheckCastAny(MethodTable* type, object o) => CheckCastClass(type, o);
        private static object CheckCastClassSpecial(MethodTable* type, object o) => CheckCastClass(type, o);

        internal struct ArrayElement { public object Value; }

        private static void StelemRef(object[] array, nint index, object value)
        {
            if ((nuint)index >= (nuint)(uint)array.Length) ThrowHelpers.ThrowIndexOutOfRangeException();
            Unsafe.Add(ref Unsafe.As<byte, object>(ref Unsafe.As<RawArrayData>(array).Data), index) = value;
        }

        private static ref object LdelemaRef(object[] array, nint index, MethodTable* type)
        {
            if ((nuint)index >= (nuint)(uint)array.Length) ThrowHelpers.ThrowIndexOutOfRangeException();
            return ref Unsafe.Add(ref Unsafe.As<byte, object>(ref Unsafe.As<RawArrayData>(array).Data), index);
        }
    }

    internal static class RuntimeExports { }
}
