using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Keeper.Machine;

/// <summary>This core's GICv3 CPU interface (Arm IHI 0069), polled.</summary>
public static class GicCpu
{
    /// <summary>INTID of the EL1 physical timer.</summary>
    public const uint TimerInterrupt = 30;

    /// <summary>From here on an INTID says that nothing is pending.</summary>
    public const uint FirstSpecial = 1020;

    [RuntimeImport("*", "gic_cpu_enable"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Enable();

    /// <summary>The INTID of the pending interrupt, which becomes active, or a number from <see cref="FirstSpecial"/> up.</summary>
    [RuntimeImport("*", "gic_acknowledge"), MethodImpl(MethodImplOptions.InternalCall)] public static extern uint Acknowledge();

    /// <summary>The interrupt has been handled; its line must be low by now.</summary>
    [RuntimeImport("*", "gic_end"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void End(uint interrupt);

    /// <summary>Raises a software-generated interrupt (0 to 15) on the core with this affinity.</summary>
    public static void Send(uint interrupt, ulong mpidr)
    {
        ulong aff0 = mpidr & 0xFF, aff1 = mpidr >> 8 & 0xFF, aff2 = mpidr >> 16 & 0xFF, aff3 = mpidr >> 32 & 0xFF;
        // ICC_SGI1R_EL1: [55:48] Aff3 | [47:44] range of 16 Aff0 | [39:32] Aff2 | [27:24] INTID | [23:16] Aff1 | [15:0] one bit an Aff0
        Write(aff3 << 48 | aff0 / 16 << 44 | aff2 << 32 | (ulong)interrupt << 24 | aff1 << 16 | 1UL << (int)(aff0 % 16));
    }

    /// <summary>Raises it on every core but this one (ICC_SGI1R_EL1.IRM).</summary>
    public static void SendToOthers(uint interrupt) => Write(1UL << 40 | (ulong)interrupt << 24);

    [RuntimeImport("*", "gic_send"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Write(ulong value);
}
