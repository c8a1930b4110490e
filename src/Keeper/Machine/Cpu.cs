using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Keeper.Machine;

/// <summary>The core that executes this. Each member is a few instructions in cpu.S.</summary>
public static class Cpu
{
    /// <summary>Number of this core, from 0; the boot core is 0.</summary>
    public static int Index => Number();

    /// <summary>The physical counter (CNTPCT_EL0), in ticks.</summary>
    public static ulong Now => Counter();

    [RuntimeImport("*", "cpu_index"), MethodImpl(MethodImplOptions.InternalCall)] private static extern int Number();

    [RuntimeImport("*", "cpu_counter"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong Counter();

    /// <summary>Ticks of the counter in a second.</summary>
    [RuntimeImport("*", "cpu_counter_frequency"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong CounterFrequency();

    /// <summary>MPIDR_EL1.</summary>
    [RuntimeImport("*", "cpu_mpidr"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong Mpidr();

    /// <summary>An ID register with op0 3, op1 0, CRn 0: CRm * 8 + op2, CRm from 1 to 7. What is not allocated reads as zero.</summary>
    [RuntimeImport("*", "cpu_id_register"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong IdRegister(int index);

    /// <summary>Whether this core has the instructions for CRC-32 (ID_AA64ISAR0_EL1.CRC32). From Armv8.1 on all have, and phones' cores before.</summary>
    public static bool HasCrc32 => (IdRegister(6 * 8) >> 16 & 0xF) != 0;

    /// <summary>Arms the keeper's timer (CNTP, <see cref="GicCpu.TimerInterrupt"/>) to fire once the counter reaches a value.</summary>
    [RuntimeImport("*", "cpu_set_timer"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void SetTimer(ulong ticks);

    [RuntimeImport("*", "cpu_stop_timer"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void StopTimer();

    /// <summary>Sleeps until an interrupt is pending; the keeper keeps them masked and polls.</summary>
    [RuntimeImport("*", "cpu_wait_for_interrupt"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void WaitForInterrupt();

    /// <summary>A hint that this core waits for another.</summary>
    [RuntimeImport("*", "cpu_yield"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Yield();

    /// <summary>dsb sy: what was stored before is visible to devices and other cores.</summary>
    [RuntimeImport("*", "cpu_barrier"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Barrier();

    [RuntimeImport("*", "halt"), MethodImpl(MethodImplOptions.InternalCall), DoesNotReturn] public static extern void Halt();
}
