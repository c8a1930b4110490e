using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Tests.Memory;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Vcpus;

/// <summary>VMs by the keeper's hypercalls, an honest keeper's and a lying one's.</summary>
public sealed class VmLifecycleTests
{
    private const ulong Kb4 = 0x1000, Free = FakeHandset.Free, Ram = Free + (2 << 20), Guest = VirtualHandset.Ram;

    public VmLifecycleTests() => FakeHandset.Start();

    [Fact]
    public void AWholeLifeLeavesTheOwnerTableAsItWas()
    {
        byte[] before = PhysicalMemory.Owners();
        for (int round = 0; round < 10; round++)
        {
            uint vm = FakeHandset.CreateVm(Free, vcpus: 2, pages: 32);
            Assert.Equal(1u, vm);
            for (ulong i = 0; i < 4; i++) PhysicalMemory.Scribble(Ram + i * Kb4);
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram, Guest, 1024));
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmLend, vm, FakeHandset.SecondBank, Guest + (4 << 20), 3));
            Assert.NotEqual(before, PhysicalMemory.Owners());
            FakeHandset.Hvc(HvcFunction.VcpuStart, vm, 0, Guest, 0);
            FakeHandset.Enter(vm, 0);
            FakeHandset.Read(0x0900_0000);
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmReclaim, vm, Ram, 512));
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmReclaim, vm, Ram + 512 * Kb4, 512));
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmReclaim, vm, FakeHandset.SecondBank, 3));
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmDestroy, vm));
            Assert.Equal(before, PhysicalMemory.Owners());
            Assert.All(Enumerable.Range(0, 32), i => Assert.True(PhysicalMemory.IsZero(Free + (ulong)i * Kb4)));
            Assert.All(Enumerable.Range(0, 1024), i => Assert.True(PhysicalMemory.IsZero(Ram + (ulong)i * Kb4)));
        }
    }

    [Fact]
    public void LentMemoryIsWhatTheGuestSees()
    {
        uint vm = FakeHandset.CreateVm();
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram, Guest, 513));
        Assert.Equal([new Leaf(Guest, 2 << 20, Ram, Stage2.Memory), new Leaf(Guest + (2 << 20), Kb4, Ram + (2 << 20), Stage2.Memory)], Leaves(vm));
        FakeHandset.Hvc(HvcFunction.PageState, Ram);
        Assert.Equal(((ulong)PageState.Lent, (ulong)vm), (FakeHandset.Keeper(0).X[1], FakeHandset.Keeper(0).X[2]));
        Assert.True(KeeperMemory.TryMap(Ram)); // both can access it
    }

    [Fact]
    public void WhatIsLentToReadIsNotWrittenOrExecuted()
    {
        uint vm = FakeHandset.CreateVm();
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram, 0x0A00_0000 | VmControl.LendReadOnly, 1));
        Leaf leaf = Assert.Single(Leaves(vm));
        Assert.Equal(new Leaf(0x0A00_0000, Kb4, Ram, Stage2.ReadOnlyData), leaf);
        Assert.Equal((1ul, 2ul), (Stage2.ReadOnlyData >> 6 & 3, Stage2.ReadOnlyData >> 53 & 3)); // S2AP read, XN
        Assert.Equal(HvcStatus.AlreadyMapped, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram + Kb4, 0x0A00_0000, 1)); // not twice, to get to write
        Assert.Equal(leaf, Assert.Single(Leaves(vm)));
    }

    [Fact]
    public void ControlPagesAreNobodyElses()
    {
        uint vm = FakeHandset.CreateVm(Free, pages: 16);
        Assert.False(KeeperMemory.TryMap(Free));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmLend, vm, Free + 15 * Kb4, Guest, 1));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmLend, vm, Free + 15 * Kb4, Guest, 2));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmCreate, Free + 15 * Kb4, 16, 1));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmReclaim, vm, Free, 1));
    }

    [Theory]
    [InlineData(1, 16, 1)]                       // misaligned
    [InlineData(0x800, 16, 1)]
    [InlineData(0, 4, 1)]                        // too few
    [InlineData(0, 0, 1)]
    [InlineData(0, 11, 8)]
    [InlineData(0, 513, 1)]                      // more than a window holds
    [InlineData(0, 517, 1)]
    [InlineData(0, 524, 8)]
    [InlineData(0, ulong.MaxValue, 1)]
    [InlineData(0, 0x0010_0000_0000_0010, 1)]
    [InlineData(0, 16, 0)]
    [InlineData(0, 16, 9)]
    [InlineData(0, 16, 0x1_0000_0001)]
    [InlineData(0, 16, ulong.MaxValue)]
    public void CreateRefusesWrongArguments(ulong offset, ulong pages, ulong vcpus)
    {
        byte[] before = PhysicalMemory.Owners();
        Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(HvcFunction.VmCreate, Free + offset, pages, vcpus));
        Assert.Equal(before, PhysicalMemory.Owners());
    }

    [Theory]
    [InlineData(FakeHandset.Memory)]             // EL2's own
    [InlineData(FakeHandset.Memory + FakeHandset.OwnBytes - Kb4)]
    [InlineData(0x0900_0000)]                    // a device
    [InlineData(0x43FF_F000)]                    // over the end of a bank
    [InlineData(0xFFFF_FFFF_FFFF_F000)]
    [InlineData(0)]
    public void CreateRefusesWhatIsNotTheKeepers(ulong control)
    {
        byte[] before = PhysicalMemory.Owners();
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmCreate, control, 16, 1));
        Assert.Equal(before, PhysicalMemory.Owners());
    }

    [Fact]
    public void AsManyAsThereAreNumbers()
    {
        for (uint i = 1; i < VmControl.MaxVms; i++) Assert.Equal(i, FakeHandset.CreateVm(Free + i * 16 * Kb4));
        Assert.Equal(HvcStatus.NoMemory, FakeHandset.Hvc(HvcFunction.VmCreate, Ram, 16, 1));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmDestroy, 17));
        Assert.Equal(17u, FakeHandset.CreateVm(Ram));
    }

    [Theory]
    [InlineData(1, Guest, 1)]
    [InlineData(0, Guest + 8, 1)]
    [InlineData(0, Guest + 2, 1)]
    [InlineData(0, Guest + 9, 1)]
    [InlineData(0, Guest, 0)]
    [InlineData(0, Guest, ulong.MaxValue)]
    [InlineData(0, Guest, 0x0800_0001)]
    [InlineData(0, 0x7F_FFFF_F000, 2)]           // over the end of guest addresses
    [InlineData(0, 0x80_0000_0000, 1)]
    [InlineData(0, 0xFFFF_FFFF_FFFF_F000, 1)]
    [InlineData(0, 0xFFFF_FFFF_C000_0000, 1)]    // wraps around to zero
    public void LendRefusesWrongArguments(ulong offset, ulong guest, ulong pages)
    {
        uint vm = FakeHandset.CreateVm();
        byte[] before = PhysicalMemory.Owners();
        Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram + offset, guest, pages));
        Assert.Equal(before, PhysicalMemory.Owners());
        Assert.Empty(Leaves(vm));
    }

    [Fact]
    public void LendRefusesWhatIsLentAndWhatIsNotTheKeepers()
    {
        uint a = FakeHandset.CreateVm(), b = FakeHandset.CreateVm(Free + 16 * Kb4);
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmLend, a, Ram + 7 * Kb4, Guest, 1));
        byte[] before = PhysicalMemory.Owners();
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmLend, b, Ram, Guest, 8));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmLend, a, Ram + 7 * Kb4, Guest + Kb4, 1));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmLend, b, FakeHandset.Memory, Guest, 1));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmLend, b, 0x0900_0000, Guest, 1));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmLend, b, 0x43FF_F000, Guest, 2));
        Assert.Equal(before, PhysicalMemory.Owners());
        Assert.Empty(Leaves(b));
    }

    [Fact]
    public void WhatTheTablesRefuseIsLentAllTheSame()
    {
        byte[] before = PhysicalMemory.Owners();
        uint vm = FakeHandset.CreateVm();
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram, Guest + 5 * Kb4, 1));
        for (ulong i = 16; i < 24; i++) PhysicalMemory.Scribble(Ram + i * Kb4);
        Assert.Equal(HvcStatus.AlreadyMapped, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram + 16 * Kb4, Guest, 8));
        Assert.Equal(9u, PhysicalMemory.Vm(vm).LentPages);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => new Leaf(Guest + (ulong)i * Kb4, Kb4, i == 5 ? Ram : Ram + (ulong)(16 + i) * Kb4, Stage2.Memory)), Leaves(vm));
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VmDestroy, vm));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmReclaim, vm, Ram, 1));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmReclaim, vm, Ram + 16 * Kb4, 8));
        Assert.All(Enumerable.Range(16, 8), i => Assert.True(PhysicalMemory.IsZero(Ram + (ulong)i * Kb4)));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmDestroy, vm));
        Assert.Equal(before, PhysicalMemory.Owners());
    }

    [Fact]
    public void LendWithoutTablesMapsWhatItCan()
    {
        uint vm = FakeHandset.CreateVm(Free, vcpus: 1, pages: 5); // a root and one more table
        Assert.Equal(HvcStatus.NoMemory, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram, Guest, 513));
        Assert.Equal([new Leaf(Guest, 2 << 20, Ram, Stage2.Memory)], Leaves(vm));
        Assert.Equal(513u, PhysicalMemory.Vm(vm).LentPages);
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram + (4 << 20), Guest + (2 << 20), 512)); // it can go on
    }

    [Theory]
    [InlineData(0, 1, HvcStatus.Success)]
    [InlineData(1, 1, HvcStatus.InvalidParameters)]
    [InlineData(0, 0, HvcStatus.InvalidParameters)]
    [InlineData(0, 513, HvcStatus.InvalidParameters)]
    [InlineData(0, ulong.MaxValue, HvcStatus.InvalidParameters)]
    [InlineData(0x1000, 8, HvcStatus.Denied)]    // one too many
    [InlineData(0x9000, 1, HvcStatus.Denied)]
    [InlineData(0x80_0000_0000, 1, HvcStatus.Denied)]
    public void ReclaimTakesOnlyWhatWasLent(ulong offset, ulong pages, HvcStatus status)
    {
        uint vm = FakeHandset.CreateVm();
        FakeHandset.Hvc(HvcFunction.VmLend, vm, Ram, Guest, 8);
        byte[] before = PhysicalMemory.Owners();
        Assert.Equal(status, FakeHandset.Hvc(HvcFunction.VmReclaim, vm, Ram + offset, pages));
        Assert.Equal(status == HvcStatus.Success, !before.SequenceEqual(PhysicalMemory.Owners()));
    }

    [Fact]
    public void ReclaimForTheWrongVmIsRefused()
    {
        uint a = FakeHandset.CreateVm(), b = FakeHandset.CreateVm(Free + 16 * Kb4);
        FakeHandset.Hvc(HvcFunction.VmLend, a, Ram, Guest, 8);
        FakeHandset.Hvc(HvcFunction.VmLend, b, Ram + 8 * Kb4, Guest, 8);
        byte[] before = PhysicalMemory.Owners();
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmReclaim, b, Ram, 8));
        Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(HvcFunction.VmReclaim, b, Ram + 4 * Kb4, 8));
        Assert.Equal(before, PhysicalMemory.Owners());
    }

    [Fact]
    public void NothingChangesHandsWhileAVcpuRuns()
    {
        FakeHandset.RunVm(vcpus: 2);
        FakeHandset.OnCore(1);
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmLend, 1, Ram, Guest, 8)); // giving is fine
        byte[] before = PhysicalMemory.Owners();
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VmReclaim, 1, Ram, 8));
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VmDestroy, 1));
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0));
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuStart, 1, 0, Guest, 0));
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuGet, 1, 0, 31));
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuBind, 1, 0, 1));
        Assert.Equal(before, PhysicalMemory.Owners());
        FakeHandset.OnCore(0);
        FakeHandset.Read(0x0900_0000);
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VmDestroy, 1)); // pages are lent
        Assert.Equal(before, PhysicalMemory.Owners());
    }

    [Fact]
    public void AnEndingVmDoesNothingMore()
    {
        FakeHandset.RunVm();
        FakeHandset.Read(0x0900_0000);
        FakeHandset.Hvc(HvcFunction.VmLend, 1, Ram, Guest, 8);
        ulong vttbr = PhysicalMemory.Vm(1).Vttbr;
        Cpu.Remember(vttbr, Guest);
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmReclaim, 1, Ram, 1));
        Assert.False(Cpu.Remembers(vttbr)); // before its page was the keeper's again
        foreach (var call in (HvcFunction[])[HvcFunction.VmLend, HvcFunction.VmSetInterrupt, HvcFunction.VcpuBind, HvcFunction.VcpuStart, HvcFunction.VcpuRun, HvcFunction.VcpuGet])
            Assert.Equal(HvcStatus.Denied, FakeHandset.Hvc(call, 1, 0, 0, 0));
    }

    [Theory]
    [InlineData(0ul, HvcStatus.InvalidParameters)] // the keeper's own
    [InlineData(2ul, HvcStatus.Denied)]            // free
    [InlineData(31ul, HvcStatus.Denied)]
    [InlineData(32ul, HvcStatus.InvalidParameters)]
    [InlineData(0x1_0000_0001ul, HvcStatus.InvalidParameters)]
    [InlineData(ulong.MaxValue, HvcStatus.InvalidParameters)]
    public void NoCallTakesAVmThatIsNone(ulong vm, HvcStatus status)
    {
        FakeHandset.CreateVm();
        byte[] before = PhysicalMemory.Owners();
        for (uint function = (uint)HvcFunction.VmDestroy; function <= (uint)HvcFunction.VcpuRun; function++)
            Assert.Equal(status, FakeHandset.Hvc(function, vm));
        Assert.Equal(before, PhysicalMemory.Owners());
    }

    [Theory]
    [InlineData(2ul)]
    [InlineData(0x1_0000_0000ul)]
    [InlineData(ulong.MaxValue)]
    public void NoCallTakesAVcpuThatIsNone(ulong vcpu)
    {
        FakeHandset.CreateVm(vcpus: 2);
        foreach (var call in (HvcFunction[])[HvcFunction.VcpuBind, HvcFunction.VcpuStart, HvcFunction.VcpuGet, HvcFunction.VcpuRun])
            Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(call, 1, vcpu, 0));
    }

    [Theory]
    [InlineData(31, 0)]
    [InlineData(96, 0)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(33, 2)]
    [InlineData(33, ulong.MaxValue)]
    [InlineData(0x1_0000_0021, 0)]
    public void LinesHaveNumbersAndLevels(ulong intId, ulong level)
    {
        FakeHandset.CreateVm();
        Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(HvcFunction.VmSetInterrupt, 1, intId, level));
    }

    [Theory]
    [InlineData(4ul)]
    [InlineData(0x1_0000_0000ul)]
    [InlineData(ulong.MaxValue)]
    public void NoVcpuIsBoundToACoreThatIsNone(ulong core)
    {
        FakeHandset.CreateVm();
        Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(HvcFunction.VcpuBind, 1, 0, core));
    }

    [Fact]
    public void RegistersAreReadByTheirNumber()
    {
        FakeHandset.RunVm();
        ref Vcpu vcpu = ref FakeHandset.Running();
        for (int i = 0; i < 31; i++) vcpu.X[i] = 0x100 + (ulong)i;
        FakeHandset.Read(0x0900_0000); // x9 is what a load of it leaves
        FakeHandset.Hvc(HvcFunction.VcpuGet, 1, 0, 30);
        Assert.Equal(0x11Eu, FakeHandset.Keeper(0).X[1]);
        FakeHandset.Hvc(HvcFunction.VcpuGet, 1, 0, (ulong)VcpuRegister.Pc);
        Assert.Equal(vcpu.Pc, FakeHandset.Keeper(0).X[1]);
        foreach (ulong register in (ulong[])[(ulong)VcpuRegister.Count, ulong.MaxValue, 1ul << 32])
            Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(HvcFunction.VcpuGet, 1, 0, register));
    }

    /// <summary>What the guest could write itself, and nothing else: behind these words lie those that make it a guest.</summary>
    [Fact]
    public void RegistersAreWrittenByTheirNumber()
    {
        FakeHandset.RunVm(vcpus: 2);
        FakeHandset.Read(0x0900_0000);
        for (ulong register = 0; register <= (ulong)VcpuRegister.Ttbr1El1; register++)
        {
            if (register is (ulong)VcpuRegister.Xzr or (ulong)VcpuRegister.Pstate) continue;
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuSet, 1, 0, register, 0x100 + register));
            FakeHandset.Hvc(HvcFunction.VcpuGet, 1, 0, register);
            Assert.Equal(0x100 + register, FakeHandset.Keeper(0).X[1]);
        }
        Assert.Equal(0x100u + (ulong)VcpuRegister.Ttbr1El1, PhysicalMemory.Vcpu(1, 0).Ttbr1El1);
        for (ulong register = (ulong)VcpuRegister.Ttbr1El1 + 1; register < 600; register++)
            Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(HvcFunction.VcpuSet, 1, 0, register, 1));
        Assert.Equal(HvcStatus.InvalidParameters, FakeHandset.Hvc(HvcFunction.VcpuSet, 1, 0, ulong.MaxValue, 1));
        FakeHandset.OnCore(1);
        FakeHandset.Enter(1, 1);
        FakeHandset.OnCore(0);
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuSet, 1, 1, 0, 0));
    }

    /// <summary>Whatever the keeper says, no vCPU goes on at EL2.</summary>
    [Fact]
    public void AVcpuStaysAtEl1()
    {
        FakeHandset.RunVm();
        FakeHandset.Read(0x0900_0000);
        for (ulong pstate = 0; pstate < 1024; pstate++)
        {
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuSet, 1, 0, (ulong)VcpuRegister.Pstate, pstate | 0xFFFF_FFFF_FFFF_FC00));
            Assert.Equal(pstate & 0x3C0 | 5, PhysicalMemory.Vcpu(1, 0).Pstate);
        }
    }

    [Fact]
    public void RegisterThirtyOneStaysZero()
    {
        FakeHandset.RunVm();
        FakeHandset.Read(0x0900_0000);
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuSet, 1, 0, (ulong)VcpuRegister.Xzr, 5));
        FakeHandset.Hvc(HvcFunction.VcpuGet, 1, 0, (ulong)VcpuRegister.Xzr);
        Assert.Equal(0u, FakeHandset.Keeper(0).X[1]);
    }

    [Fact]
    public void AVcpuThatIsOffDoesNotRun()
    {
        FakeHandset.CreateVm();
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0);
        Assert.Equal(ExitReason.Off, FakeHandset.Exit());
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuStart, 1, 0, Guest, 9));
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuStart, 1, 0, Guest, 9));
        FakeHandset.Enter(1, 0);
        Assert.Equal((Guest, 9ul, 0x3C5ul), (FakeHandset.Running().Pc, FakeHandset.Running().X[0], FakeHandset.Running().Pstate & 0x3FF));
    }

    [Fact]
    public void AVcpuThatStartsRingsTheDoorbellOfItsCore()
    {
        FakeHandset.CreateVm(vcpus: 3);
        FakeHandset.Hvc(HvcFunction.VcpuBind, 1, 2, 2);
        PhysicalGic.Kicks.Clear();
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuStart, 1, 2, Guest, 9));
        Assert.Equal([2u], PhysicalGic.Kicks);
        Assert.Equal(1ul << 1, Cores.At(2).Wakeups);
    }

    /// <summary>Off and on, as its own PSCI would: the hypervisor takes calls for one vCPU one after the other.</summary>
    [Fact]
    public void AVcpuIsTurnedOffAndOn()
    {
        FakeHandset.RunVm(vcpus: 2);
        FakeHandset.OnCore(1);
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuStop, 1, 0)); // it runs
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuGet, 1, 0, (ulong)VcpuRegister.State));
        Assert.Equal(1u, State(1));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuStop, 1, 1));
        Assert.Equal(0u, State(1));
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 1);
        Assert.Equal(ExitReason.Off, FakeHandset.Exit());
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuStart, 1, 1, Guest, 9));
        Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VcpuStart, 1, 1, Guest, 9));
        Assert.Equal(1u, State(1));
    }

    private static byte State(ulong vcpu)
    {
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuGet, 1, vcpu, (ulong)VcpuRegister.State));
        return (byte)FakeHandset.Keeper(Cpu.Current).X[1];
    }

    private static Leaf[] Leaves(uint vm)
    {
        ref var tables = ref PhysicalMemory.Vm(vm).Stage2;
        return [.. SecondWalker.Leaves(tables.Root, tables.Delta)];
    }
}
