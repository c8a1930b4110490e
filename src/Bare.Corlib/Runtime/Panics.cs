using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace System.Runtime
{
    /// <summary>Which check of the language failed; the argument of <c>bare_panic</c>.</summary>
    public enum FailedCheck
    {
        IndexOutOfRange = 1,
        DivideByZero = 2,
        Overflow = 3,
        PlatformNotSupported = 4,
        NullReference = 5,
        InvalidOperation = 6,
        InvalidProgram = 7,
        Argument = 8,
        InvalidCast = 9,
        OutOfMemory = 10,
    }

    public static class BarePanic
    {
        [RuntimeImport("*", "bare_panic"), MethodImpl(MethodImplOptions.InternalCall), DoesNotReturn]
        public static extern void Die(FailedCheck check);
    }
}

namespace Internal.Runtime.CompilerHelpers
{
    /// <summary>ilc calls these by name where a check that it compiled in fails.</summary>
    internal static class ThrowHelpers
    {
        [DoesNotReturn] internal static void ThrowIndexOutOfRangeException() => BarePanic.Die(FailedCheck.IndexOutOfRange);
        [DoesNotReturn] internal static void ThrowDivideByZeroException() => BarePanic.Die(FailedCheck.DivideByZero);
        [DoesNotReturn] internal static void ThrowOverflowException() => BarePanic.Die(FailedCheck.Overflow);
        [DoesNotReturn] internal static void ThrowPlatformNotSupportedException() => BarePanic.Die(FailedCheck.PlatformNotSupported);
        [DoesNotReturn] internal static void ThrowNullReferenceException() => BarePanic.Die(FailedCheck.NullReference);
        [DoesNotReturn] internal static void ThrowInvalidOperation() => BarePanic.Die(FailedCheck.InvalidOperation);
        [DoesNotReturn] internal static void ThrowInvalidProgramExceptionWithArgument(int id, string argument) => BarePanic.Die(FailedCheck.InvalidProgram);
        [DoesNotReturn] internal static void ThrowInvalidProgramException(int id) => BarePanic.Die(FailedCheck.InvalidProgram);
        [DoesNotReturn] internal static void ThrowBadImageFormatException(int id) => BarePanic.Die(FailedCheck.InvalidProgram);
        [DoesNotReturn] internal static void ThrowTypeLoadException(int id, string type, string assembly) => BarePanic.Die(FailedCheck.InvalidProgram);
        [DoesNotReturn] internal static void ThrowMissingMethodException(int id, string method) => BarePanic.Die(FailedCheck.InvalidProgram);
        [DoesNotReturn] internal static void ThrowMissingFieldException(int id, string field) => BarePanic.Die(FailedCheck.InvalidProgram);
        [DoesNotReturn] internal static void ThrowFeatureBodyRemoved() => BarePanic.Die(FailedCheck.InvalidProgram);
        [DoesNotReturn] internal static void ThrowArgumentOutOfRangeException() => BarePanic.Die(FailedCheck.Argument);
        [DoesNotReturn] internal static void ThrowArgumentException() => BarePanic.Die(FailedCheck.Argument);
    }

    internal static class StartupCodeHelpers { }

    internal static class LdTokenHelpers
    {
        private static RuntimeTypeHandle GetRuntimeTypeHandle(nint value) => default;
        private static RuntimeMethodHandle GetRuntimeMethodHandle(nint value) => default;
        private static RuntimeFieldHandle GetRuntimeFieldHandle(nint value) => default;
        private static Type GetRuntimeType(nint value) => null;
    }
}
