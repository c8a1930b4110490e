using System;
using System.Runtime.InteropServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Tests;
using Pocketvisor.Hypervisor.Vcpus;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Hypercalls;

/// <summary>
/// Remembers the machine as it is while a guest runs. What the guest's next trap, or an interrupt then, may change of it: its own vCPU, interrupts of its VM, what its keeper has to take.
/// </summary>
internal sealed class Witness
{
    private readonly VmState[] _states = new VmState[VmControl.MaxVms];
    private readonly Vm[] _vms = new Vm[VmControl.MaxVms];
    private readonly Vcpu[] _vcpus = new Vcpu[VmControl.MaxVms * VmControl.MaxVcpus];
    private readonly Core[] _cores = new Core[VmControl.MaxVcpus];
    private int _deactivated, _other;
    private uint _core, _keeper; // the machine's number of the core, and EL2's
    private (uint Vm, uint Index) _guest;

    /// <summary>A guest ran when it looked, and nobody else has done anything since.</summary>
    public bool IsOfGuest { get; private set; }

    public void Look()
    {
        IsOfGuest = Cpu.Here.Loaded is { Vm: not VmControl.Keeper };
        if (!IsOfGuest) return;
        _core = Cpu.Current;
        _guest = Cpu.Here.Loaded.Value;
        _keeper = FakeHandset.Running().Core;
        (_deactivated, _other) = (Cpu.Here.Deactivated.Count, Other);
        for (uint i = 0; i < Cores.Count; i++) _cores[i] = Cores.At(i);
        for (uint vm = 0; vm < VmControl.MaxVms; vm++)
        {
            if ((_states[vm] = Vms.State[(int)vm]) == VmState.Free) continue;
            Bytes(ref PhysicalMemory.Vm(vm)).CopyTo(Bytes(ref _vms[vm]));
            for (uint i = 0; i < _vms[vm].VcpuCount; i++) Bytes(ref PhysicalMemory.Vcpu(vm, i)).CopyTo(Bytes(ref Before(vm, i)));
        }
    }

    /// <summary>Other cores have done something, so what changed says nothing.</summary>
    public void LookAway() => IsOfGuest = false;

    /// <summary>The interrupt that has arrived meanwhile, if the guest left for one.</summary>
    public void Compare(uint? arrived)
    {
        if (!IsOfGuest) return;
        FakeCore here = Cpu.All[_core];
        bool left = here.Loaded != _guest;
        Demand(!left || here.Loaded == (VmControl.Keeper, _keeper), "A guest's trap leads to another guest.");
        if (left) CheckExit(ref PhysicalMemory.Vcpu(VmControl.Keeper, _keeper), arrived);
        Demand(Other == _other, "A guest's trap reaches the firmware, the handset's GIC, or another's translations.");
        foreach (uint intId in CollectionsMarshal.AsSpan(here.Deactivated)[_deactivated..])
            Demand(intId == VirtualHandset.VirtualTimerInterrupt || (intId == arrived && intId is PhysicalGic.KickSgi or PhysicalGic.Maintenance or PhysicalGic.WatchdogTimer), "A guest deactivates an interrupt that isn't its timer's.");
        for (uint i = 0; i < Cores.Count; i++)
        {
            ref Core core = ref Cores.At(i);
            ref Core before = ref _cores[i];
            Demand(core.Mpidr == before.Mpidr && core.Redistributor == before.Redistributor && core.VectorsOf == before.VectorsOf && ((core.Wakeups ^ before.Wakeups) & ~(1ul << (int)_guest.Vm)) == 0, "A guest's trap changes what EL2 knows of a core.");
        }
        for (uint vm = 0; vm < VmControl.MaxVms; vm++)
        {
            Demand(Vms.State[(int)vm] == _states[vm], "A guest's trap makes or ends a VM.");
            if (_states[vm] == VmState.Free) continue;
            if (vm == VmControl.Keeper) CompareKeeper(left, arrived);
            else if (vm == _guest.Vm) CompareOwn();
            else CompareStranger(vm);
        }
    }

    // Calls of the firmware, writes to the handset's GIC, TLBs told to forget: a guest's trap does none of them.
    private static int Other => Cpu.FirmwareCalls.Count + PhysicalGic.Switches.Count + PhysicalGic.Routes.Count + Cpu.Forgotten.Count;

    private ref Vcpu Before(uint vm, uint index) => ref _vcpus[vm * VmControl.MaxVcpus + index];

    private void CheckExit(ref Vcpu keeper, uint? arrived)
    {
        ref Vcpu guest = ref PhysicalMemory.Vcpu(_guest.Vm, _guest.Index);
        ExitReason reason = (ExitReason)keeper.X[1];
        Demand(keeper.X[0] == (ulong)HvcStatus.Success && keeper.X[1] <= (ulong)ExitReason.Instruction && reason != ExitReason.Off, "The keeper hears of no reason that there is.");
        Demand(arrived is not null == (reason == ExitReason.Interrupt), "The keeper hears of an interrupt that didn't come, or not of one that did.");
        Demand(guest.State == (reason == ExitReason.WaitForInterrupt ? VcpuState.Waiting : VcpuState.Ready), "A vCPU that has left is in another state than its reason says.");
        Demand(guest.AccessPending == (reason == ExitReason.Mmio), "An access is to be completed that isn't there, or one isn't that is.");
    }

    private void CompareKeeper(bool left, uint? arrived)
    {
        ref Vm vm = ref PhysicalMemory.Vm(VmControl.Keeper);
        for (int i = 0; i < 2 && (left || arrived is not null); i++) Dealt(ref _vms[VmControl.Keeper].Shared[i], vm.Shared[i]);
        Demand(Same(ref vm, ref _vms[VmControl.Keeper]), "A guest's trap changes the keeper's machine.");
        for (uint i = 0; i < vm.VcpuCount; i++)
        {
            ref Vcpu keeper = ref PhysicalMemory.Vcpu(VmControl.Keeper, i);
            ref Vcpu before = ref Before(VmControl.Keeper, i);
            if (i == _keeper && left)
            {
                for (int x = 0; x <= 5; x++) before.X[x] = keeper.X[x];
                (before.Lists, before.ListsInUse, before.IchHcr) = (keeper.Lists, keeper.ListsInUse, keeper.IchHcr);
                Dealt(ref before.Private, keeper.Private);
            }
            before.Private.Latched |= keeper.Private.Latched & (1u << VmControl.DoorbellInterrupt | (i == _keeper && arrived < 32 ? 1u << (int)arrived : 0));
            if (i == _keeper && arrived == PhysicalGic.WatchdogTimer) before.Patience--;
            Demand(Same(ref keeper, ref before), "A guest's trap changes the keeper's state.");
        }
    }

    private void CompareOwn()
    {
        ref Vm vm = ref PhysicalMemory.Vm(_guest.Vm);
        ref Vm vmBefore = ref _vms[_guest.Vm];
        vmBefore.GicControl = vm.GicControl;
        for (int i = 0; i < 2; i++) Programmed(ref vmBefore.Shared[i], vm.Shared[i]);
        Demand(Same(ref vm, ref vmBefore), "A guest's trap changes more of its VM than interrupts.");
        for (uint i = 0; i < vm.VcpuCount; i++)
        {
            ref Vcpu vcpu = ref PhysicalMemory.Vcpu(_guest.Vm, i);
            ref Vcpu before = ref Before(_guest.Vm, i);
            Demand(vcpu.Private.Level == before.Private.Level && vcpu.Core == before.Core && vcpu.MayWaitHere == before.MayWaitHere, "A guest's trap changes what its keeper decides.");
            if (i == _guest.Index) continue; // for the rest Standing
            uint listed = before.Private.Listed, active = before.Private.Active;
            Programmed(ref before.Private, vcpu.Private);
            (before.Private.Listed, before.Private.Active) = (listed, active);
            if (before.State == VcpuState.Waiting && vcpu.State == VcpuState.Ready) before.State = VcpuState.Ready;
            Demand(Same(ref vcpu, ref before), "A guest's trap changes more of another vCPU than interrupts.");
        }
    }

    private void CompareStranger(uint id)
    {
        Demand(Same(ref PhysicalMemory.Vm(id), ref _vms[id]), "A guest's trap changes another VM.");
        for (uint i = 0; i < _vms[id].VcpuCount; i++) Demand(Same(ref PhysicalMemory.Vcpu(id, i), ref Before(id, i)), "A guest's trap changes another VM's vCPU.");
    }

    // Delivery changes these three.
    private static void Dealt(ref InterruptBank before, InterruptBank after) => (before.Latched, before.Listed, before.Active) = (after.Latched, after.Listed, after.Active);

    // All but the lines may come of a guest.
    private static void Programmed(ref InterruptBank before, InterruptBank after)
    {
        uint level = before.Level;
        before = after;
        before.Level = level;
    }

    private static bool Same<T>(ref T a, ref T b) where T : unmanaged => Bytes(ref a).SequenceEqual(Bytes(ref b));

    // Not by assignment, which need not copy what lies between fields.
    private static Span<byte> Bytes<T>(ref T of) where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref of));
}
