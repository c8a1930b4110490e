using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Guests;

/// <summary>x0 to x7 of a call.</summary>
internal struct CallRegisters
{
    public ulong X0, X1, X2, X3, X4, X5, X6, X7;
}

/// <summary>cpu.S and start.S.</summary>
internal static class Cpu
{
    private const MethodImplOptions Assembly = MethodImplOptions.InternalCall;

    [RuntimeImport("*", "call_hvc"), MethodImpl(Assembly)] public static extern void Hvc(ref CallRegisters registers);
    [RuntimeImport("*", "call_hvc_other"), MethodImpl(Assembly)] public static extern void HvcOther(ref CallRegisters registers);
    [RuntimeImport("*", "call_smc"), MethodImpl(Assembly)] public static extern void Smc(ref CallRegisters registers);
    [RuntimeImport("*", "wait_for_interrupt"), MethodImpl(Assembly)] public static extern void WaitForInterrupt();
    [RuntimeImport("*", "run"), MethodImpl(Assembly)] public static extern void Run(ulong address);
    [RuntimeImport("*", "system_off"), MethodImpl(Assembly), DoesNotReturn] public static extern void SystemOff();
    [RuntimeImport("*", "secondary_address"), MethodImpl(Assembly)] public static extern ulong SecondaryStart();

    /// <summary>How many undefined-instruction exceptions came to our own vector so far.</summary>
    [RuntimeImport("*", "undefined_count"), MethodImpl(Assembly)] public static extern ulong UndefinedCount();

    /// <summary>PSCI CPU_ON of vCPU i, which then runs guest_secondary(i).</summary>
    public static long TurnOn(ulong index)
    {
        var call = new CallRegisters { X0 = 0xC400_0003, X1 = index, X2 = SecondaryStart(), X3 = index };
        Hvc(ref call);
        return (long)call.X0;
    }
}
