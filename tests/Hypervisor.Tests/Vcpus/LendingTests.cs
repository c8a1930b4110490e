using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Tests.Memory;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Vcpus;

/// <summary>What the keeper lends to a VM, and takes back: an honest keeper and a lying one.</summary>
public sealed class LendingTests
{
    private const ulong Kb4 = 0x1000, Free = FakeHandset.Free, Ram = Free + (2 << 20), Guest = VirtualHandset.Ram;

    public LendingTests() => FakeHandset.Start();

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

    private static Leaf[] Leaves(uint vm)
    {
        ref var tables = ref PhysicalMemory.Vm(vm).Stage2;
        return [.. SecondWalker.Leaves(tables.Root, tables.Delta)];
    }
}
