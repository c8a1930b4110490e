using System;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Exits;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Profiles;
using Xunit;

namespace Pocketvisor.Keeper.Tests.Exits;

/// <summary>HVC and SMC from a guest: discovery, PSCI, and nothing else.</summary>
[Collection(nameof(Hypercall))]
public sealed class GuestCallsTests
{
    private const uint Wide = 0x4000_0000;

    /// <summary>vCPU 0 calls; 1 is on, 2 is not.</summary>
    public GuestCallsTests()
    {
        Hypercall.Reset();
        Hypercall.VcpuStart(Hypercall.Vm, 0, 0, 0);
        Hypercall.VcpuStart(Hypercall.Vm, 1, 0, 0);
        Hypercall.Starts.Clear();
    }

    [Fact]
    public void UnknownFunctionsAreNotSupported()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            uint function = (uint)random.NextInt64();
            if ((function & ~Wide) - 0x8400_0000 < 0x20 || function is 0x8000_0000 or 0x8000_0001 or 0x8600_FF01 or 0x8600_FF03) continue;
            Assert.Equal(-1, Call(function, (ulong)random.NextInt64()));
        }
        for (uint function = 0xC600_0000; function < 0xC600_0020; function++) Assert.Equal(-1, Call(function, 1)); // the keeper's own
        Assert.Equal(-1, Call(0xC000_0001, 0x8000_0000)); // no 64-bit variant
        Assert.Empty(Hypercall.Starts);
    }

    [Fact]
    public void Discovery()
    {
        foreach (uint version in (uint[])[0x8000_0000, 0x8400_0000, 0xC400_0000]) Assert.Equal(0x1_0001, Call(version));
        Assert.Equal(0, Call(0x8000_0001, 0x8000_0000));
        Assert.Equal(0, Call(0x8000_0001, 0x8000_0001));
        Assert.Equal(-1, Call(0x8000_0001, 0x8000_8000)); // no workaround is ours to give
        Assert.Equal(0x5E0C_0F8B, Call(0x8600_FF01));
        Assert.Equal((0x9E4B_1D6Ful, 0x6370_5A9Ful, 0x7276_746Bul), (Get(1), Get(2), Get(3)));
        Assert.Equal(AbiVersion.Current, (uint)Call(0x8600_FF03, 7));
        Assert.Equal(0u, Get(1));
    }

    /// <summary>What PSCI_FEATURES promises, is answered; what it denies, is not.</summary>
    [Fact]
    public void PsciFeaturesTellTheTruth()
    {
        for (uint function = 0x8400_0000; function < 0x8400_0020; function++)
        {
            foreach (uint wide in (uint[])[0, Wide])
            {
                bool promised = Call(0x8400_000A, function | wide) != -1;
                if ((function & 0xFF) is 1) Assert.True(promised); // the hypervisor's
                if ((function & 0xFF) is 1 or 2 or 8 or 9 or 0x12) continue; // these do not come back
                bool answered = Call(function | wide, 99) != -1 || (function & 0xFF) is 10;
                Assert.True(promised == answered, $"{function | wide:x}: promised {promised}, answered {answered}");
            }
        }
        Assert.Equal(0, Call(0x8400_000A, 0x8000_0000));
        Assert.Equal(-1, Call(0x8400_000A, 0x8600_0000));
    }

    [Theory]
    [InlineData(0xC400_0003u, 0xC400_0004u)]
    [InlineData(0x8400_0003u, 0x8400_0004u)]
    public void ACoreComesOnOnce(uint on, uint info)
    {
        Assert.Equal(-4, Call(on, 1, 0x4000_0000, 5));
        Assert.Equal(-4, Call(on, 0, 0x4000_0000, 5)); // itself
        foreach (ulong nobody in (ulong[])[3, 8, 0x100, 0x1_0000_0000, 0x1_0000_0002, ulong.MaxValue])
        {
            Assert.Equal(-2, Call(on, nobody, 0x4000_0000, 5));
            Assert.Equal(-2, Call(info, nobody));
        }
        Assert.Empty(Hypercall.Starts);
        Assert.Equal(1, Call(info, 2));
        Assert.Equal(0, Call(on, 2, 0x4000_1234, 5));
        Assert.Equal((2, 0x4000_1234ul, 5ul), Assert.Single(Hypercall.Starts));
        Assert.Equal(-4, Call(on, 2, 0x4000_1234, 5));
        foreach (ulong vcpu in (ulong[])[0, 1, 2]) Assert.Equal(0, Call(info, vcpu));
    }

    [Fact]
    public void OneThatRunsElsewhereIsOn()
    {
        Hypercall.Running = 1;
        Assert.Equal(0, Call(0xC400_0004, 1));
        Assert.Equal(-4, Call(0xC400_0003, 1));
    }

    /// <summary>Its calls come to nothing, and nobody reads their answers.</summary>
    [Fact]
    public void AMachineThatEndsStartsNothing()
    {
        Hypercall.Ends = true;
        Hypercall.Reset();
        Hypercall.Ends = true;
        Assert.True(GuestCalls.IsOnAfter(Hypercall.Vm, 0, 0xC400_0003, out var end));
        Assert.Equal(StopReason.None, end);
        Assert.Empty(Hypercall.Starts);
    }

    [Theory]
    [InlineData(0x8400_0002, StopReason.None)]
    [InlineData(0x8400_0008, StopReason.PoweredOff)]
    [InlineData(0x8400_0009, StopReason.Reset)]
    [InlineData(0x8400_0012, StopReason.Panicked)] // how a Linux that panicked says so
    [InlineData(0xC400_0012, StopReason.Panicked)]
    public void OffIsOff(uint function, StopReason reason)
    {
        Assert.False(GuestCalls.IsOnAfter(Hypercall.Vm, 0, function, out var end));
        Assert.Equal(reason, end);
        Assert.Equal(0, (byte)Hypercall.VcpuGet(Hypercall.Vm, 0, VcpuRegister.State));
        Assert.Equal(1, (byte)Hypercall.VcpuGet(Hypercall.Vm, 1, VcpuRegister.State)); // of the others the keeper takes care
    }

    private static long Call(uint function, ulong a = 0, ulong b = 0, ulong c = 0)
    {
        foreach (var (register, value) in (ReadOnlySpan<(int, ulong)>)[(0, function), (1, a), (2, b), (3, c)])
            Hypercall.VcpuSet(Hypercall.Vm, 0, (VcpuRegister)register, value);
        Assert.True(GuestCalls.IsOnAfter(Hypercall.Vm, 0, function, out var end));
        Assert.Equal(StopReason.None, end);
        return (long)Get(0);
    }

    private static ulong Get(int register) => Hypercall.VcpuGet(Hypercall.Vm, 0, (VcpuRegister)register);
}
