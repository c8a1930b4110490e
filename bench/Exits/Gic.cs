using Pocketvisor.Guests;

namespace Pocketvisor.Bench.Exits;

/// <summary>A GICv3 (Arm IHI 0069), made ready for one software-generated interrupt and the timer's.</summary>
internal static class Gic
{
    /// <summary>The software-generated interrupt that is measured.</summary>
    public const int Sgi = 1;

    /// <summary>GICD_TYPER, and GICD_ISENABLER of the first 32 shared interrupts.</summary>
    public const ulong Type = 0x0004, Enable = 0x0104;

    private const uint AffinityRouting = 1 << 4, BothGroups = 3;
    private const ulong FrameSize = 0x2_0000, Waker = 0x0014, Group = 0x1_0080, EnablePrivate = 0x1_0100;
    private const uint ChildrenAsleep = 1 << 2;

    /// <summary>The distributor, once.</summary>
    public static void Start(in Hardware hardware) => Memory.Write32(hardware.Distributor, AffinityRouting | BothGroups);

    /// <summary>The redistributor and CPU interface of the vCPU that runs this.</summary>
    public static void StartVcpu(ulong redistributors, uint timer, ulong index)
    {
        ulong frame = redistributors + index * FrameSize;
        Memory.Write32(frame + Waker, 0);
        while ((Memory.Read32(frame + Waker) & ChildrenAsleep) != 0) { }
        Memory.Write32(frame + Group, ~0u);
        Memory.Write32(frame + EnablePrivate, 1u << Sgi | 1u << (int)timer);
        Measure.OpenInterface();
    }

    /// <summary>The value of ICC_SGI1R_EL1 that sends the interrupt to a vCPU.</summary>
    public static ulong SgiTo(ulong index) => (ulong)Sgi << 24 | 1ul << (int)index;
}
