using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Guests;

namespace Pocketvisor.Bench.Pace;

/// <summary>The counter, and the virtual timer's interrupt at a fixed period: timer.S.</summary>
internal static class Timer
{
    private const MethodImplOptions Assembly = MethodImplOptions.InternalCall;

    // GICv3 (Arm IHI 0069): the distributor's control, and the second frame of vCPU 0's redistributor.
    private const ulong SgiFrame = VirtualHandset.GicRedistributor + 0x1_0000, Waker = VirtualHandset.GicRedistributor + 0x14, Group = 0x80, Enable = 0x100;
    private const uint ProcessorSleep = 1 << 1;

    /// <summary>Ticks of the virtual counter since the machine was made.</summary>
    public static ulong Now => Read();

    /// <summary>Interrupts so far.</summary>
    public static ulong Interrupts => Count();

    /// <summary>An interrupt each period, on the first vCPU; none if the period is 0.</summary>
    public static void Start(ulong period)
    {
        if (period == 0) return;
        Memory.Write32(VirtualHandset.GicDistributor, 0x12); // affinity routing, group 1
        Memory.Write32(Waker, Memory.Read32(Waker) & ~ProcessorSleep);
        Memory.Write32(SgiFrame + Group, ~0u);
        Memory.Write32(SgiFrame + Enable, 1u << VirtualHandset.VirtualTimerInterrupt);
        Begin(period);
    }

    [RuntimeImport("*", "counter"), MethodImpl(Assembly)] private static extern ulong Read();
    [RuntimeImport("*", "timer_count"), MethodImpl(Assembly)] private static extern ulong Count();
    [RuntimeImport("*", "timer_begin"), MethodImpl(Assembly)] private static extern void Begin(ulong period);

    /// <summary>No more of them.</summary>
    [RuntimeImport("*", "timer_stop"), MethodImpl(Assembly)] public static extern void Stop();
}
