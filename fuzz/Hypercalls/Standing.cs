using System;
using System.Collections.Generic;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Hypercalls;

/// <summary>What holds of cores and vCPUs between any two traps.</summary>
internal static class Standing
{
    private const ulong MdscrGuest = 0x1001; // TDCC, SS
    private const ulong CptrVectors = 1 << 10, CptrSve = 1 << 8; // traps

    public static void Check()
    {
        HashSet<(uint, uint)> loaded = [];
        for (uint i = 0; i < Cpu.All.Length; i++)
        {
            if (Cpu.All[i].Loaded is not { } vcpu) continue;
            Demand(loaded.Add(vcpu), "A vCPU is on two cores.");
            CheckCore(Cpu.All[i], ref PhysicalMemory.Vcpu(vcpu.Vm, vcpu.Index));
        }
        for (uint id = 0; id < VmControl.MaxVms; id++)
        {
            if (Vms.State[(int)id] == VmState.Free) continue;
            ref Vm vm = ref PhysicalMemory.Vm(id);
            uint[] listed = new uint[1 + VirtualHandset.SpiCount / 32];
            for (uint i = 0; i < vm.VcpuCount; i++)
            {
                ref Vcpu vcpu = ref PhysicalMemory.Vcpu(id, i);
                FakeCore core = Array.Find(Cpu.All, core => core.Loaded == (id, i));
                Demand(vcpu.Vm == id && vcpu.Index == i && vcpu.VttbrEl2 == vm.Vttbr && vcpu.VmpidrEl2 == (1ul << 31 | i), "A vCPU isn't the one that it was made as.");
                Demand(vcpu.X[31] == 0, "Register 31 is not zero.");
                if (id != VmControl.Keeper)
                {
                    Demand(core is not null == (vcpu.State == VcpuState.Running), "A vCPU runs on no core, or one that doesn't does.");
                    Demand(vcpu.State != VcpuState.Waiting || !Vgic.HasWork(ref vcpu, vcpu.IchVmcr), "A vCPU waits for an interrupt that has come.");
                    Demand((vcpu.Pstate & 0x10) != 0 ? (vcpu.Pstate & 0xF) == 0 : (vcpu.Pstate & 8) == 0, "A guest goes on at EL2 or above.");
                }
                listed[0] = 0;
                CheckLists(ref vcpu, core is null ? vcpu.Lists : core.Lists, listed);
                Demand(listed[0] == vcpu.Private.Listed, "A private interrupt is in a list register and not marked so, or the reverse.");
            }
            Demand(listed[1] == vm.Shared[0].Listed && listed[2] == vm.Shared[1].Listed, "A shared interrupt is in a list register and not marked so, or the reverse.");
        }
    }

    private static void CheckCore(FakeCore core, ref Vcpu vcpu)
    {
        Demand(vcpu.State == VcpuState.Running && Cores.At(vcpu.Core).Mpidr == core.Mpidr, "A core runs a vCPU that doesn't run there."); // a keeper may number its cores as it likes
        Demand(core.Hcr == vcpu.HcrEl2 && core.Vttbr == vcpu.VttbrEl2, "A core has another vCPU's configuration than it runs.");
        if (vcpu.IsKeeper) return;
        Demand(!vcpu.AccessPending, "A guest goes on before its access is complete.");
        Demand((core.Cptr & (CptrVectors | CptrSve)) == CptrSve, "A guest has SVE, or no vector registers.");
        Demand((core.MdscrEl1 & ~MdscrGuest) == 0, "A guest has breakpoints.");
    }

    // By bank, what lies in these list registers.
    private static void CheckLists(ref Vcpu vcpu, ReadOnlySpan<ulong> lists, Span<uint> listed)
    {
        for (int i = 0; i < lists.Length; i++)
        {
            ulong entry = lists[i];
            uint intId = (uint)entry, bit = 1u << (int)intId;
            if ((vcpu.ListsInUse >> i & 1) == 0)
            {
                Demand(entry >> 62 == 0, "A guest has an interrupt of which EL2 doesn't know.");
                continue;
            }
            Demand(intId < Vm.Interrupts && (uint)vcpu.Lists[i] == intId, "A list register holds another interrupt than EL2 put there.");
            Demand((listed[(int)intId / 32] & bit) == 0, "An interrupt is in two list registers.");
            listed[(int)intId / 32] |= bit;
            if ((entry & ListRegister.Hardware) != 0)
                Demand((entry >> 32 & 0x1FFF) == intId && (vcpu.IsKeeper ? intId >= 16 : intId == VirtualHandset.VirtualTimerInterrupt), "The end of a virtual interrupt ends a physical one that isn't its own.");
        }
        Demand(vcpu.ListsInUse >> lists.Length == 0, "There are more list registers in use than there are.");
    }
}
