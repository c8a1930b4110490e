using System.Runtime.CompilerServices;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>
/// The handset's own GICv3 (IHI 0069). EL2 takes every interrupt; its own are a kick between cores, list-register maintenance and
/// the virtual timer. The rest goes on to the keeper, which enables and routes its devices' through its virtual distributor.
/// </summary>
internal static class PhysicalGic
{
    public const int KickSgi = 0, Maintenance = 25;

    // Private interrupts that the keeper may not switch: SGIs, and those of EL2 and of the virtual timer.
    private const uint KeeperPrivate = 0xFFFF_0000 & ~(1u << Maintenance | 1u << 26 | 1u << VirtualHandset.VirtualTimerInterrupt | 1u << 28);

    private const uint Ctlr = 0, Typer = 4, Waker = 0x14, Igroup = 0x80, IsEnable = 0x100, IcEnable = 0x180, IcActive = 0x380, Ipriority = 0x400, Irouter = 0x6000;
    private const uint SgiFrame = 0x1_0000;
    private const uint EnableGroup1AffinityRouted = 1 << 4 | 1 << 1 | 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InitialiseDistributor()
    {
        Write(Handset.Gicd, Ctlr, 0);
        Settle(Handset.Gicd, 31);
        uint lines = Read(Handset.Gicd, Typer) & 31; // ITLinesNumber
        for (uint word = 1; word <= lines; word++) Quiet(Handset.Gicd, word);
        Write(Handset.Gicd, Ctlr, EnableGroup1AffinityRouted);
        Settle(Handset.Gicd, 31);
    }

    /// <summary>Finds this core's redistributor by its affinity and wakes it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool InitialiseCore(ref Core core)
    {
        ulong wanted = core.Mpidr & 0xFF_FFFF | (core.Mpidr >> 32 & 0xFF) << 24;
        for (ulong frame = Handset.Gicr; frame < Handset.GicrEnd; frame += 0x2_0000)
        {
            if (Read(frame, 0xC) != wanted) continue; // GICR_TYPER [63:32]
            core.Redistributor = frame;
            Write(frame, Waker, 0);
            while ((Read(frame, Waker) & 4) != 0) { } // ChildrenAsleep
            Quiet(frame + SgiFrame, 0);
            Write(frame + SgiFrame, IsEnable, 1u << KickSgi | 1u << Maintenance | 1u << VirtualHandset.VirtualTimerInterrupt);
            return true;
        }
        return false;
    }

    /// <summary>Makes another core, or this one, look at its vCPU's interrupts.</summary>
    public static void Kick(uint core)
    {
        ulong m = Cores.At(core).Mpidr;
        // ICC_SGI1R_EL1: [55:48] Aff3 | [39:32] Aff2 | [27:24] INTID | [23:16] Aff1 | [15:0] by Aff0
        Cpu.SendSgi((m >> 32 & 0xFF) << 48 | (m >> 16 & 0xFF) << 32 | (m >> 8 & 0xFF) << 16 | 1ul << (int)(m & 15) | (ulong)KickSgi << 24);
    }

    /// <summary>The keeper switches interrupts intId to intId + 31; private ones of the core that it runs on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetEnabled(uint core, uint intId, uint bits, bool enabled)
    {
        ulong frame = Handset.Gicd;
        if (intId < 32)
        {
            frame = Cores.At(core).Redistributor + SgiFrame;
            bits &= KeeperPrivate;
        }
        Write(frame, (enabled ? IsEnable : IcEnable) + intId / 8, bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Route(uint intId, uint core)
    {
        if (core < Cores.Count) Volatile.Write(ref PhysicalMemory.Word(Handset.Gicd + Irouter + 8 * intId), Cores.At(core).Mpidr);
    }

    // 32 interrupts: off, inactive, group 1, of one priority. EL2 never masks by priority.
    private static void Quiet(ulong frame, uint word)
    {
        Write(frame, IcEnable + 4 * word, ~0u);
        Write(frame, IcActive + 4 * word, ~0u);
        Write(frame, Igroup + 4 * word, ~0u);
        for (uint i = 0; i < 8; i++) Write(frame, Ipriority + 32 * word + 4 * i, 0xA0A0_A0A0);
    }

    private static void Settle(ulong frame, int bit)
    {
        while ((Read(frame, Ctlr) >> bit & 1) != 0) { } // RWP
    }

    private static uint Read(ulong frame, uint offset) => Volatile.Read(ref PhysicalMemory.Register(frame + offset));
    private static void Write(ulong frame, uint offset, uint value) => Volatile.Write(ref PhysicalMemory.Register(frame + offset), value);
}
