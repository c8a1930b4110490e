using System;
using System.Linq;
using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

internal sealed partial class ReferenceModel
{
    private static readonly UInt128 s_guestLimit = (UInt128)1 << 39;

    /// <summary>A hypercall of the keeper's.</summary>
    public Expectation KeeperCall(ulong function, ulong a, ulong b, ulong c, ulong d)
    {
        Touched.Clear();
        switch ((HvcFunction)(uint)function)
        {
            case HvcFunction.Version:
            case HvcFunction.TakeWakeups or HvcFunction.Watchdog:
                return HvcStatus.Success;
            case HvcFunction.PageState:
                return new(HvcStatus.Success) { Page = IsMemory(a) ? Pages[Index(a)] : default };
            case HvcFunction.VmCreate:
                return Create(a, b, c);
            case (>= HvcFunction.VmDestroy and <= HvcFunction.VcpuRun) or HvcFunction.VcpuSet or HvcFunction.VcpuStop:
                if (a is 0 or >= VmControl.MaxVms) return HvcStatus.InvalidParameters;
                return Vms.TryGetValue((uint)a, out var vm) ? OfVm((HvcFunction)(uint)function, (uint)a, vm, b, c, d) : HvcStatus.Denied;
            default:
                return (uint)function < (uint)HvcFunction.Version ? default : Expectation.Refused; // PSCI, and who is there
        }
    }

    /// <summary>A call of a guest's: the keeper's to answer, but for a wait and two versions (docs/decisions/0018).</summary>
    public Expectation GuestCall(ulong function, bool isSmc)
    {
        const HvcStatus version = (HvcStatus)0x1_0001;
        Touched.Clear();
        return ((uint)function & ~0x4000_0000u) switch
        {
            0x8400_0001 => Expectation.MayLeave,                                       // CPU_SUSPEND
            0x8400_0000 when !isSmc => version,                                        // PSCI_VERSION, in both widths
            0x8000_0000 when !isSmc && (uint)function == 0x8000_0000 => version,       // SMCCC_VERSION
            _ => Expectation.Leaves,
        };
    }

    private Expectation Create(ulong control, ulong pages, ulong vcpus)
    {
        if (control % PageSize != 0 || vcpus is 0 or > VmControl.MaxVcpus || pages > 512 || pages < 4 + vcpus) return HvcStatus.InvalidParameters;
        uint id = Enumerable.Range(1, VmControl.MaxVms).Select(i => (uint)i).First(i => !Vms.ContainsKey(i));
        if (id == VmControl.MaxVms) return HvcStatus.NoMemory;
        if (!IsMemory(control, pages) || !Range(control, pages).All(i => Pages[i] is { Owner: Owner.Keeper, IsLent: false })) return HvcStatus.Denied;
        Change(control, pages, new(Owner.Hypervisor, id, Content.Zero));
        Vms[id] = new(control, pages, (int)vcpus);
        return new(HvcStatus.Success) { Created = id };
    }

    private Expectation OfVm(HvcFunction function, uint id, ReferenceVm vm, ulong b, ulong c, ulong d)
    {
        if (function == HvcFunction.VmReclaim) return Reclaim(id, vm, b, c);
        if (function == HvcFunction.VmDestroy) return Destroy(id, vm);
        if (vm.HasEnded) return HvcStatus.Denied;
        if (function == HvcFunction.VmLend) return Lend(id, vm, b, c, d);
        if (function == HvcFunction.VmSetInterrupt) return b is < 32 or > 95 || c > 1 ? HvcStatus.InvalidParameters : HvcStatus.Success;

        if (b >= (ulong)vm.Vcpus.Length) return HvcStatus.InvalidParameters;
        ref ReferenceVcpu vcpu = ref vm.Vcpus[b];
        if (vcpu == ReferenceVcpu.Running) return HvcStatus.Busy;
        switch (function)
        {
            case HvcFunction.VcpuBind:
                return c < (ulong)_cores ? HvcStatus.Success : HvcStatus.InvalidParameters;
            case HvcFunction.VcpuGet:
                return c < (ulong)VcpuRegister.Count ? HvcStatus.Success : HvcStatus.InvalidParameters;
            case HvcFunction.VcpuSet:
                return c <= (ulong)VcpuRegister.Ttbr1El1 ? HvcStatus.Success : HvcStatus.InvalidParameters;
            case HvcFunction.VcpuStop:
                vcpu = ReferenceVcpu.Off;
                return HvcStatus.Success;
            case HvcFunction.VcpuStart:
                if (vcpu != ReferenceVcpu.Off) return HvcStatus.Busy;
                vcpu = ReferenceVcpu.Stopped;
                return HvcStatus.Success;
            default:
                return new(HvcStatus.Success) { Entry = vcpu == ReferenceVcpu.Off ? null : (id, (uint)b) };
        }
    }

    private Expectation Lend(uint id, ReferenceVm vm, ulong address, ulong guest, ulong pages)
    {
        bool isReadOnly = (guest & 1) != 0;
        guest &= ~1ul;
        if (address % PageSize != 0 || guest % PageSize != 0 || pages == 0 || (UInt128)guest + (UInt128)pages * PageSize > s_guestLimit)
            return HvcStatus.InvalidParameters;
        if (!IsMemory(address, pages) || !Range(address, pages).All(i => Pages[i] is { Owner: Owner.Keeper, IsLent: false })) return HvcStatus.Denied;
        foreach (int i in Range(address, pages))
        {
            Touched.Add(i);
            Pages[i].Vm = id;
        }
        return vm.Lend(guest / PageSize, address / PageSize, pages, isReadOnly);
    }

    private Expectation Reclaim(uint id, ReferenceVm vm, ulong address, ulong pages)
    {
        if (address % PageSize != 0 || pages is 0 or > 512) return HvcStatus.InvalidParameters;
        if (vm.Runs) return HvcStatus.Busy;
        vm.HasEnded = true;
        if (!IsMemory(address, pages) || !Range(address, pages).All(i => Pages[i].IsLent && Pages[i].Vm == id)) return HvcStatus.Denied;
        Change(address, pages, new(Owner.Keeper, 0, Content.Zero));
        return HvcStatus.Success;
    }

    private Expectation Destroy(uint id, ReferenceVm vm)
    {
        if (vm.Runs) return HvcStatus.Busy;
        vm.HasEnded = true;
        if (Pages.Any(p => p.IsLent && p.Vm == id)) return HvcStatus.Busy;
        Change(vm.Control, vm.ControlPages, new(Owner.Keeper, 0, Content.Zero));
        Vms.Remove(id);
        return HvcStatus.Success;
    }
}
