using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Interrupts;

/// <summary>Interrupts on their way to a vCPU that may run here, on another core, or nowhere.</summary>
internal static class Delivery
{
    /// <summary>The interrupt was raised for, or withdrawn from, the target. The current vCPU is the one that this core runs.</summary>
    public static void Notify(ref Vcpu target, ref Vcpu current, uint intId)
    {
        if (Unsafe.AreSame(ref target, ref current))
            Vgic.Offer(ref target, intId);
        else if (target.State == VcpuState.Running)
            PhysicalGic.Kick(target.Core); // its core refreshes it; a keeper's vCPU counts as running while its guest runs
        else if (target.State == VcpuState.Waiting && Vgic.MostUrgent(ref target, out _) >= 0)
            Wake(ref target, ref current);
    }

    /// <summary>The vCPU can run: tells the keeper on the core that it is bound to.</summary>
    public static void Wake(ref Vcpu target, ref Vcpu current)
    {
        target.State = VcpuState.Ready;
        Cores.At(target.Core).Wakeups |= 1ul << (int)target.Vm;
        Raise(ref PhysicalMemory.Vcpu(VmControl.Keeper, target.Core), VmControl.DoorbellInterrupt, ref current);
    }

    /// <summary>Latches a private interrupt.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Raise(ref Vcpu target, int intId, ref Vcpu current)
    {
        target.Private.Latched = target.Private.Latched | (1u << intId);
        Notify(ref target, ref current, (uint)intId);
    }

    /// <summary>A shared interrupt of a VM changed: whoever it is routed to hears of it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void NotifyTarget(ref Vm vm, uint spi, ref Vcpu current)
    {
        uint target = vm.Shared[(int)(spi / 32 & 1)].Targets[(int)(spi & 31)];
        if (target < vm.VcpuCount) Notify(ref PhysicalMemory.Vcpu(vm.Id, target), ref current, spi + VirtualHandset.FirstSpi);
    }

    /// <summary>
    /// A guest wrote ICC_SGI1R_EL1 (IHI 0069). <code>[55:48] Aff3 │ [40] all but self │ [39:32] Aff2 │ [27:24] INTID │ [23:16] Aff1 │ [15:0] targets by Aff0</code>
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SendSgi(ref Vcpu sender, ulong value)
    {
        int sgi = (int)(value >> 24) & 15;
        if ((value & ~(15ul << 24)) == 1ul << (int)sender.Index) // to itself alone: Raise, in short
        {
            sender.Private.Latched = sender.Private.Latched | (1u << sgi);
            Vgic.Offer(ref sender, (uint)sgi);
            return;
        }
        bool allButSelf = (value >> 40 & 1) != 0;
        if (!allButSelf && (value & 0x00FF_00FF_00FF_0000) != 0) return; // our vCPUs differ in Aff0 only
        uint targets = (allButSelf ? ~(1u << (int)sender.Index) : (uint)value) & ((1u << (int)PhysicalMemory.VmOf(ref sender).VcpuCount) - 1);
        for (; targets != 0; targets &= targets - 1)
            Raise(ref PhysicalMemory.Vcpu(sender.Vm, (uint)BitOperations.TrailingZeroCount(targets)), sgi, ref sender);
    }

    /// <summary>After a change to the distributor, which the current vCPU has seen to for itself: the others look again.</summary>
    public static void NotifyOthers(ref Vcpu current)
    {
        for (uint i = 0; i < PhysicalMemory.VmOf(ref current).VcpuCount; i++)
            if (i != current.Index) Notify(ref PhysicalMemory.Vcpu(current.Vm, i), ref current, 0);
    }
}
