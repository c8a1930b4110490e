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
internal sealed partial class Harness(ReferenceModel model, Invariants invariants, Agreement agreement)
{
    private const ulong AddressMask = (1ul << 48) - 1; // no processor that we know has more

    public ReferenceModel Model { get; set; } = model;

    // So that a test can say that its histories did get somewhere.
    public long Entries { get; private set; }

    public long Successes { get; private set; }

    public long Stores { get; private set; }

    public long Panics { get; private set; }

    public void Run(Step step)
    {
        try
        {
            FakeHandset.OnCore(step.Core);
            Cpu.Here.Waits = static () => Require(!SpinLock.IsTaken, "the core waits, and lets the others wait with it");
            Model.Touched.Clear();
            if (step.Kind == StepKind.Bury) step = Bury(step);
            Expectation expected = step.Kind is StepKind.KeeperStore or StepKind.GuestStore ? Store(step) : Expect(step);
            Compare(step, expected, Execute(step));
            CheckAll();
        }
        catch (Exception e)
        {
            throw new StepException($"{step}: {e.Message}", e);
        }
    }

    /// <summary>Invariants and agreement, of the machine as it is.</summary>
    public void CheckAll()
    {
        invariants.Check();
        agreement.Check(Model);
    }

    /// <summary>What the model says will come of a step, which it takes.</summary>
    public Expectation Expect(Step step)
    {
        bool isKeeper = Model.Running[step.Core] is null;
        return step.Kind switch
        {
            StepKind.Hvc or StepKind.Smc when isKeeper => Model.KeeperCall(step.A, step.B, step.C, step.D, step.E),
            StepKind.Hvc or StepKind.Smc => Model.GuestCall(step.A, step.Kind == StepKind.Smc),
            StepKind.GuestExit => Expectation.Leaves,
            StepKind.GuestTrap or StepKind.GuestWait or StepKind.Interrupt or StepKind.TakeInterrupt => Expectation.MayLeave,
            _ => default,
        };
    }

    /// <summary>What came of it, against what may come of it.</summary>
    public void Compare(Step step, Expectation expected, Outcome outcome)
    {
        if (step.Kind is StepKind.Hvc or StepKind.Smc) CompareAnswer(expected, outcome);
        var (vm, vcpu) = outcome.Loaded;
        if (Model.Running[step.Core] is { } ran)
        {
            if (vm != VmControl.Keeper)
            {
                Require(expected.Leaving != Leaving.Must && outcome.Loaded == ran, "the guest did not leave");
                return;
            }
            Require(expected.Leaving != Leaving.No, "the guest left");
            Model.Leave(step.Core);
        }
        else if (vm != VmControl.Keeper)
        {
            Require(expected.Entry == (vm, vcpu), $"the core runs VM {vm}");
            Model.Enter(step.Core, vm, vcpu);
            Entries++;
        }
    }

    private void CompareAnswer(Expectation expected, Outcome outcome)
    {
        Require(expected.Status is not { } wanted || outcome.Status == wanted, $"{outcome.Status} instead of {expected.Status}");
        Require(!expected.IsRefused || outcome.Status is >= HvcStatus.AlreadyMapped and < HvcStatus.Success, $"{outcome.Status}, which is no error");
        Require(expected.Created is not { } vm || outcome.X1 == vm, $"VM {outcome.X1} instead of {expected.Created}");
        if (expected.Page is { } page)
        {
            ulong state = page.Owner switch { Owner.Keeper => page.IsLent ? 2u : 1u, Owner.Hypervisor => 3, _ => 0 };
            Require((outcome.X1, outcome.X2) == (state, page.Vm), $"PageState {outcome.X1} of VM {outcome.X2} instead of {page}");
        }
        if (expected.Status == HvcStatus.Success) Successes++;
    }

    // What an honest keeper does, and what makes room for the next VM.
    private Step Bury(Step step)
    {
        uint[] ended = [.. Model.Vms.Where(vm => vm.Value.HasEnded).Select(vm => vm.Key)];
        if (ended.Length == 0 || Model.Running[step.Core] is not null) return step;
        uint vm = ended[step.A % (uint)ended.Length];
        int[] lent = [.. Enumerable.Range(0, Model.Pages.Length).Where(i => Model.Pages[i].IsLent && Model.Pages[i].Vm == vm)];
        if (lent.Length == 0) return Step.Call(step.Core, HvcFunction.VmDestroy, vm);
        int first = (int)step.B % lent.Length, count = 1;
        while (count < 512 && first + count < lent.Length && lent[first + count] == lent[first] + count) count++;
        return Step.Call(step.Core, HvcFunction.VmReclaim, vm, Model.Address(lent[first]), (ulong)count);
    }

    private Expectation Store(Step step)
    {
        bool isKeeper = Model.Running[step.Core] is null;
        if (isKeeper != (step.Kind == StepKind.KeeperStore)) return default;
        return isKeeper ? KeeperStore(step.A & AddressMask) : GuestStore(step.A);
    }

    // The processor walks the tables, or remembers; else the keeper's stage 2 is filled, if the page may be its.
    private Expectation KeeperStore(ulong address)
    {
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
}
