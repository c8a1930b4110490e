using System;
using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Vcpus;
using static Pocketvisor.Hypervisor.Tests.Ownership.Requirement;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>Takes each step on the fake handset and in the reference model, and compares.</summary>
internal sealed class Harness(ReferenceModel model, Invariants invariants, Agreement agreement)
{
    private const ulong StoreFault = 0x9309_8047, PermissionFault = StoreFault | 8, Hvc64 = 0x5A00_0000, Smc64 = 0x5E00_0000, WaitForInterrupt = 0x0600_0000;

    private const ulong AddressMask = (1ul << 48) - 1; // no processor that we know has more

    public ReferenceModel Model { get; set; } = model;

    /// <summary>So that a test can say that its histories did get somewhere.</summary>
    public long Entries { get; private set; }

    public long Successes { get; private set; }

    public long Stores { get; private set; }

    public long Panics { get; private set; }

    public void Run(Step step)
    {
        try
        {
            FakeHandset.OnCore(step.Core);
            Cpu.Here.Waits = static () => { };
            Model.Touched.Clear();
            Settle(step.Core, Take(step));
            invariants.Check();
            agreement.Check(Model);
        }
        catch (Exception e) when (e is not StepException)
        {
            throw new StepException($"{step}: {e.Message}", e);
        }
    }

    private bool KeeperRuns => Cpu.Here.Loaded.Value.Vm == VmControl.Keeper;

    private Expectation Take(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Hvc:
            case StepKind.Smc:
                return Call(step);
            case StepKind.Bury when KeeperRuns:
                return Bury(step);
            case StepKind.KeeperStore when KeeperRuns:
                return KeeperStore(step.A);
            case StepKind.GuestStore when !KeeperRuns:
                return GuestStore(step.A);
            case StepKind.GuestExit when !KeeperRuns:
                FakeHandset.Read(VirtualHandset.Pl011);
                return Expectation.Leaves;
            case StepKind.GuestWait when !KeeperRuns:
                FakeHandset.Trap(WaitForInterrupt);
                return Expectation.MayLeave;
            case StepKind.Interrupt:
                FakeHandset.Interrupt((uint)step.A);
                return Expectation.MayLeave;
            case StepKind.GicAccess:
                ulong address = VirtualHandset.GicDistributor + step.A % (VirtualHandset.Pl011 - VirtualHandset.GicDistributor);
                if ((step.C & 4) != 0) FakeHandset.Write(address, step.B, (int)step.C & 3);
                else FakeHandset.Read(address, (int)step.C & 3);
                return default;
            case StepKind.GuestTrap when !KeeperRuns:
                FakeHandset.Trap(step.A);
                return new() { Leaving = Leaving.May, MayTurnOff = true };
            case StepKind.TakeInterrupt:
                uint intId = Cpu.Here.Acknowledge((step.A & 1) != 0);
                if (intId != 1023 && Cpu.Here.End(intId)) FakeHandset.Interrupt(PhysicalGic.Maintenance);
                return Expectation.MayLeave;
            default:
                return default;
        }
    }

    private Expectation Call(Step step)
    {
        bool isKeeper = KeeperRuns;
        ulong function = (uint)step.A;
        Expectation expected = isKeeper ? Model.KeeperCall(function, step.B, step.C, step.D, step.E) : Model.GuestCall(step.Core, function, step.B);
        ref Vcpu caller = ref FakeHandset.Running();
        (caller.X[0], caller.X[1], caller.X[2], caller.X[3], caller.X[4]) = (step.A, step.B, step.C, step.D, step.E);
        FakeHandset.Trap(step.Kind == StepKind.Hvc ? Hvc64 : Smc64);
        var status = (HvcStatus)(long)caller.X[0];
        Require(expected.Status is not { } wanted || status == wanted, $"{status} instead of {expected.Status}");
        Require(!expected.IsRefused || status is >= HvcStatus.AlreadyMapped and < HvcStatus.Success, $"{status}, which is no error");
        Require(expected.Created is not { } vm || caller.X[1] == vm, $"VM {caller.X[1]} instead of {expected.Created}");
        if (expected.Page is { } page)
        {
            ulong state = page.Owner switch { Owner.Keeper => page.IsLent ? 2u : 1u, Owner.Hypervisor => 3, _ => 0 };
            Require((caller.X[1], caller.X[2]) == (state, page.Vm), $"PageState {caller.X[1]} of VM {caller.X[2]} instead of {page}");
        }
        if (isKeeper && status == HvcStatus.Success) Successes++;
        return expected;
    }

    // What an honest keeper does, and what makes room for the next VM.
    private Expectation Bury(Step step)
    {
        uint[] ended = [.. Model.Vms.Where(vm => vm.Value.HasEnded).Select(vm => vm.Key)];
        if (ended.Length == 0) return default;
        uint vm = ended[step.A % (uint)ended.Length];
        int[] lent = [.. Enumerable.Range(0, Model.Pages.Length).Where(i => Model.Pages[i].IsLent && Model.Pages[i].Vm == vm)];
        if (lent.Length == 0) return Call(Step.Call(step.Core, HvcFunction.VmDestroy, vm));
        int first = (int)step.B % lent.Length, count = 1;
        while (count < 512 && first + count < lent.Length && lent[first + count] == lent[first] + count) count++;
        return Call(Step.Call(step.Core, HvcFunction.VmReclaim, vm, Model.Address(lent[first]), (ulong)count));
    }

    // The processor walks the tables, or remembers; else the keeper's stage 2 is filled, if the page may be its.
    private Expectation KeeperStore(ulong address)
    {
        address &= AddressMask;
        bool isAllowed = Model.KeeperMayTouch(address);
        if (!TryStore(address, out _))
        {
            try
            {
                FakeHandset.Trap(StoreFault, address, address);
            }
            catch (HandsetOffException) when (!isAllowed)
            {
                Panics++;
                SpinLock.IsTaken = false; // another handset, which is like this one
                Hypervisor.Boot.Console.Text.Clear();
                return default;
            }
            if (GicRegisters.Contains(address)) return default; // the interrupt controller, which EL2 emulates
            Require(TryStore(address, out _), "the keeper may still not touch it");
        }
        Require(isAllowed, "the keeper may touch it");
        if (Model.IsMemory(address)) Model.Mark(address);
        return default;
    }

    private Expectation GuestStore(ulong address)
    {
        var (vm, _) = Cpu.Here.Loaded.Value;
        bool exists = Model.Vms[vm].Memory.TryGetValue(address / 0x1000, out var lent);
        if (TryStore(address, out bool isMapped))
        {
            Require(exists && !lent.IsReadOnly, "the guest may write it");
            Model.Mark(lent.Page * 0x1000);
            Stores++;
            return default;
        }
        Require(!exists || lent.IsReadOnly, "the guest may not write what is lent to it");
        Cpu.Here.GuestTranslation = _ => address & ~0xFFFul;
        FakeHandset.Trap(isMapped ? PermissionFault : StoreFault, address, address);
        return Expectation.Leaves;
    }

    private bool TryStore(ulong address, out bool isMapped)
    {
        ulong vttbr = Cpu.Here.Vttbr, page = address & ~0xFFFul;
        isMapped = Cpu.Tlb.TryGetValue((vttbr, page), out ulong physical);
        if (!isMapped)
        {
            isMapped = HardwareWalk.TryTranslate(vttbr, page, out Mapping mapping);
            if (!isMapped || !mapping.IsWritable) return false;
            physical = mapping.Output + (page - mapping.Input);
            Cpu.Remember(vttbr, page, physical);
        }
        if (Model.IsMemory(physical)) Marks.Store(physical);
        return true;
    }

    // What the core runs now, against what it may run.
    private void Settle(uint core, Expectation expected)
    {
        var (vm, vcpu) = Cpu.Here.Loaded.Value;
        bool wasGuest = Model.Running[core] is not null;
        if (wasGuest && vm == VmControl.Keeper)
        {
            Require(expected.Leaving != Leaving.No, "the guest left");
            var (was, index) = Model.Running[core].Value;
            Model.Leave(core, expected.TurnsOff || (expected.MayTurnOff && PhysicalMemory.Vcpu(was, index).State == VcpuState.Off));
        }
        else if (wasGuest)
        {
            Require(expected.Leaving != Leaving.Must, "the guest did not leave");
        }
        else if (vm != VmControl.Keeper)
        {
            Require(expected.Entry == (vm, vcpu), $"the core runs VM {vm}");
            Model.Enter(core, vm, vcpu);
            Entries++;
        }
    }
}
