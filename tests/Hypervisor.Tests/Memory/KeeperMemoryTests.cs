using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Memory;

public sealed class KeeperMemoryTests
{
    private const ulong Kb4 = 1 << 12, Mb2 = 1 << 21;

    public KeeperMemoryTests() => FakeHandset.Start();

    [Fact]
    public void ItsOwnMemoryComesInBlocks()
    {
        Assert.True(KeeperMemory.TryMap(FakeHandset.Free + 0x12345));
        Assert.Equal([new Leaf(FakeHandset.Free, Mb2, FakeHandset.Free, Stage2.Memory)], Leaves());
    }

    [Fact]
    public void WhatIsPartlyEl2sComesInPages()
    {
        Assert.True(KeeperMemory.TryMap(FakeHandset.Memory + FakeHandset.OwnBytes));
        Assert.Equal([new Leaf(FakeHandset.Memory + FakeHandset.OwnBytes, Kb4, FakeHandset.Memory + FakeHandset.OwnBytes, Stage2.Memory)], Leaves());
    }

    [Theory]
    [InlineData(FakeHandset.Memory)] // the hypervisor's
    [InlineData(FakeHandset.Memory + FakeHandset.OwnBytes - 1)]
    [InlineData(0x4400_0000)] // a hole between memory banks
    [InlineData(0x0800_0000)] // the distributor
    [InlineData(0x0800_FFFF)]
    [InlineData(0x080A_0000)] // redistributors
    [InlineData(0x0811_FFFF)]
    [InlineData(0x80_4020_0000)] // beyond stage 2, whose tables would begin again at 0x4020_0000
    public void WhatItMayNotHaveIsRefused(ulong address)
    {
        Assert.False(KeeperMemory.TryMap(address));
        Assert.Empty(Leaves());
    }

    [Theory]
    [InlineData(0x0900_0000)]
    [InlineData(0x0812_0000)] // behind the redistributors
    [InlineData(0x0801_0000)] // between distributor and redistributors
    public void DevicesAreDevices(ulong address)
    {
        Assert.True(KeeperMemory.TryMap(address));
        var leaf = Assert.Single(Leaves());
        Assert.Equal(Stage2.Device, leaf.Attributes);
        Assert.True(leaf.Input <= address && address < leaf.Input + leaf.Size && leaf.Output == leaf.Input);
        Assert.False(leaf.Input < 0x0811_FFFF && leaf.Input + leaf.Size > 0x080A_0000);
    }

    [Fact]
    public void DonatedPagesGoWithTheirBlockAndTheRestComesBack()
    {
        Assert.True(KeeperMemory.TryMap(FakeHandset.Free));
        Cpu.Remember(PhysicalMemory.Vm(0).Vttbr, FakeHandset.Free);
        uint vm = FakeHandset.CreateVm(FakeHandset.Free, pages: 16);
        Assert.NotEqual(0u, vm);
        Assert.Empty(Leaves());
        Assert.False(Cpu.Remembers(PhysicalMemory.Vm(0).Vttbr));
        Assert.False(KeeperMemory.TryMap(FakeHandset.Free + 15 * Kb4));
        Assert.True(KeeperMemory.TryMap(FakeHandset.Free + 16 * Kb4));
        Assert.Equal(Kb4, Assert.Single(Leaves()).Size);
    }

    [Fact]
    public void AskingTwiceIsFine()
    {
        Assert.True(KeeperMemory.TryMap(FakeHandset.Free));
        Assert.True(KeeperMemory.TryMap(FakeHandset.Free)); // another core was faster
        Assert.Single(Leaves());
    }

    [Fact]
    public void StageTwoNeverSaysMoreThanTheOwnerTable()
    {
        for (ulong address = FakeHandset.Memory - 2 * Mb2; address < FakeHandset.SecondBank + 2 * Mb2; address += 0x1_F000) KeeperMemory.TryMap(address);
        foreach (var leaf in Leaves().Where(l => OwnerTable.Overlaps(l.Input, l.Size)))
            Assert.True(OwnerTable.KeeperMayAccess(leaf.Input, leaf.Size / Kb4), $"{leaf}");
    }

    private static Leaf[] Leaves()
    {
        ref var tables = ref PhysicalMemory.Vm(VmControl.Keeper).Stage2;
        return [.. SecondWalker.Leaves(tables.Root, tables.Delta)];
    }
}
