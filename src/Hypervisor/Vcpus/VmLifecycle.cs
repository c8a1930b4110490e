using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;

namespace Pocketvisor.Hypervisor.Vcpus;

/// <summary>VMs come and go, and the keeper's pages with them. The callers have checked that a VM of the number lives.</summary>
internal static class VmLifecycle
{
    private const ulong PageMask = TranslationTables.PageSize - 1;
    private const ulong WindowPages = 512;

    // HCR_EL2 (Arm ARM): stage 2 on, interrupts to EL2 and virtual ones to the guest, cache maintenance kept harmless (SWIO) and
    // broadcast (FB, BSU), SMC, implementation-defined and RAS registers trap, AArch64.
    private const ulong HcrCommon = 1ul << 0 | 1ul << 1 | 7ul << 3 | 1ul << 9 | 1ul << 10 | 1ul << 19 | 1ul << 20 | 1ul << 31 | 1ul << 36;
    private const ulong HcrGuest = HcrCommon | 1ul << 13 | 1ul << 18 | 1ul << 21 | 1ul << 35; // TWI, TID3, TACR, TLOR
    private const ulong CounterAndTimer = 3; // CNTHCTL_EL2: EL1PCTEN, EL1PCEN; both trap for guests

    private const ulong SctlrReset = 0x30D0_0800;    // RES1: MMU and caches off

    /// <summary>SPSR_EL2 (Arm ARM): which exceptions are masked, and EL1 with SP_EL1.</summary>
    public const ulong PstateMasks = 0x3C0, PstateEl1h = 5;

    /// <summary>VmCreate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HvcStatus Create(ref Vcpu keeper, ulong control, ulong pages, ulong vcpus)
    {
        if ((control & PageMask) != 0 || vcpus - 1 >= VmControl.MaxVcpus || pages > WindowPages || pages < (ulong)VmControl.Pages((int)vcpus, 1, 0))
            return HvcStatus.InvalidParameters;
        uint vm = 1;
        while (Vms.State[(int)vm] != VmState.Free)
            if (++vm == VmControl.MaxVms) return HvcStatus.NoMemory;
        if (!OwnerTable.TryMove(control, pages, PageEvent.Donate, vm)) return HvcStatus.Denied;
        KeeperMemory.Withdraw(control, pages);
        AddressSpace.Zero(control, pages);
        AddressSpace.OpenWindow(vm, control, pages);
        Initialise(vm, control, pages, (uint)vcpus);
        keeper.X[1] = vm;
        return HvcStatus.Success;
    }

    /// <summary>Fills zeroed control pages that are mapped in the VM's window, and lets the VM live. For the keeper's own too.</summary>
    public static void Initialise(uint id, ulong control, ulong pages, uint vcpus)
    {
        ref Vm vm = ref PhysicalMemory.Vm(id);
        vm.Id = id;
        vm.VcpuCount = vcpus;
        vm.ControlBase = control;
        vm.ControlPages = pages;
        ulong tables = control + (2 + vcpus) * TranslationTables.PageSize;
        vm.Stage2.Initialise(tables, control + pages * TranslationTables.PageSize, PhysicalMemory.Window(id) - control);
        vm.Vttbr = tables | (ulong)id << 48; // VMID = VM
        // A guest's clock starts with the guest: how long the handset has been up is not its business.
        ulong hcr = HcrGuest, offset = Cpu.CntpctEl0(), timer = 0;
        if (id == VmControl.Keeper) (hcr, offset, timer) = (HcrCommon, 0, CounterAndTimer);
        for (uint i = 0; i < vcpus; i++)
        {
            ref Vcpu vcpu = ref PhysicalMemory.Vcpu(id, i);
            vcpu.Vm = id;
            vcpu.Index = i;
            vcpu.VectorCore = Vcpu.NoCore;
            vcpu.VttbrEl2 = vm.Vttbr;
            vcpu.VmpidrEl2 = 1ul << 31 | i;
            vcpu.IchHcr = Vgic.IchHcrEnable;
            vcpu.HcrEl2 = hcr;
            vcpu.CntvoffEl2 = offset;
            vcpu.CnthctlEl2 = timer;
            if (id == VmControl.Keeper) vcpu.Core = i;
        }
        Vms.State[(int)id] = VmState.Alive;
    }

    /// <summary>What a processor is like when it comes on. The caller says what it does now.</summary>
    public static void Reset(ref Vcpu vcpu, ulong entry, ulong context)
    {
        vcpu.Pc = entry;
        vcpu.X[0] = context;
        vcpu.Pstate = PstateMasks | PstateEl1h;
        vcpu.SctlrEl1 = SctlrReset;
        vcpu.MdscrEl1 = vcpu.CntvCtlEl0 = vcpu.IchVmcr = 0;
        vcpu.AccessPending = false;
    }

    /// <summary>VmLend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HvcStatus Lend(ref Vm vm, ulong address, ulong guestAddress, ulong pages)
    {
        const ulong limit = TranslationTables.InputLimit >> TranslationTables.PageShift;
        ulong attributes = (guestAddress & VmControl.LendReadOnly) != 0 ? Stage2.ReadOnlyData : Stage2.Memory;
        guestAddress &= ~VmControl.LendReadOnly;
        if (((address | guestAddress) & PageMask) != 0 || pages - 1 >= limit || guestAddress >> TranslationTables.PageShift > limit - pages)
            return HvcStatus.InvalidParameters;
        if (!OwnerTable.TryMove(address, pages, PageEvent.Lend, vm.Id)) return HvcStatus.Denied;
        vm.LentPages = vm.LentPages + pages;
        // A running guest may have seen some of them before its tables refuse the next. So they stay lent, and come back zeroed by VmReclaim, in pieces.
        var status = vm.Stage2.Map(guestAddress, address, pages << TranslationTables.PageShift, attributes);
        Cpu.PublishTables();
        return status;
    }

    /// <summary>VmReclaim.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HvcStatus Reclaim(ref Vm vm, ulong address, ulong pages)
    {
        if ((address & PageMask) != 0 || pages - 1 >= VmControl.ReclaimPages) return HvcStatus.InvalidParameters;
        if (!TryEnd(ref vm)) return HvcStatus.Busy;
        if (!OwnerTable.TryMove(address, pages, PageEvent.Reclaim, vm.Id)) return HvcStatus.Denied;
        AddressSpace.Zero(address, pages); // still under the lock: nobody gets them before
        vm.LentPages = vm.LentPages - pages;
        return HvcStatus.Success;
    }

    /// <summary>VmDestroy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static HvcStatus Destroy(ref Vm vm)
    {
        if (!TryEnd(ref vm) || vm.LentPages != 0) return HvcStatus.Busy;
        ulong control = vm.ControlBase, pages = vm.ControlPages;
        uint id = vm.Id;
        AddressSpace.CloseWindow(id); // vm is gone from here on
        AddressSpace.Zero(control, pages);
        OwnerTable.TryMove(control, pages, PageEvent.Return, id);
        Vms.State[(int)id] = VmState.Free;
        return HvcStatus.Success;
    }

    // Nothing of the VM runs from here on, and no core holds a translation of its: its pages can change hands.
    private static bool TryEnd(ref Vm vm)
    {
        for (uint i = 0; i < vm.VcpuCount; i++)
            if (PhysicalMemory.Vcpu(vm.Id, i).State == VcpuState.Running) return false;
        ref VmState state = ref Vms.State[(int)vm.Id];
        if (state == VmState.Alive) Cpu.ForgetTranslationsOf(vm.Vttbr);
        state = VmState.Ending;
        return true;
    }
}
