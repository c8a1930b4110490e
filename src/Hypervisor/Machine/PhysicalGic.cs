using System.Runtime.CompilerServices;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>
/// The handset's own GICv3 (IHI 0069). EL2 takes every interrupt; its own are a kick between cores, list-register maintenance, the
/// watchdog's timer and the virtual timer. The rest goes on to the keeper, which enables and routes its devices' through its virtual distributor.
/// </summary>
internal static class PhysicalGic
{
    public const int KickSgi = 0, Maintenance = 25, WatchdogTimer = 26;

    // Private interrupts that the keeper may not switch: SGIs, and those of EL2 and of the virtual timer.
    private const uint KeeperPrivate = 0xFFFF_0000 & ~(1u << Maintenance | 1u << WatchdogTimer | 1u << VirtualHandset.VirtualTimerInterrupt | 1u << 28);

    private const uint Waker = 0x14, Igroup = 0x80, IsEnable = 0x100, IcEnable = 0x180, IcActive = 0x380, Ipriority = 0x400, Irouter = 0x6000;
    private const uint SgiFrame = 0x1_0000;

    /// <summary>
    /// Wakes this core's redistributor. Private interrupts are off at first, inactive, in group 1, of one priority: EL2 never masks by priority. The keeper has done so with the shared
    /// ones before Establish (Keeper/Boot/Survey.cs).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InitialiseCore(ulong frame)
    {
        Write(frame, Waker, 0);
        while ((Read(frame, Waker) & 4) != 0) { } // ChildrenAsleep
        frame += SgiFrame;
        Write(frame, IcEnable, ~0u);
        Write(frame, IcActive, ~0u);
        Write(frame, Igroup, ~0u);
        for (uint i = 0; i < 32; i += 4) Write(frame, Ipriority + i, 0xA0A0_A0A0);
        Write(frame, IsEnable, 1u << KickSgi | 1u << Maintenance | 1u << WatchdogTimer | 1u << VirtualHandset.VirtualTimerInterrupt);
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

    private static uint Read(ulong frame, uint offset) => Volatile.Read(ref PhysicalMemory.Register(frame + offset));
    private static void Write(ulong frame, uint offset, uint value) => Volatile.Write(ref PhysicalMemory.Register(frame + offset), value);
}
