using System;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Hypercalls;

/// <summary>HVC and SMC from a guest: discovery, PSCI, and nothing else.</summary>
public sealed class GuestCallsTests
{
    private const ulong Wide = 0x4000_0000;

    public GuestCallsTests()
    {
        FakeHandset.Start();
        FakeHandset.RunVm(vcpus: 3);
    }

    /// <summary>The keeper's calls do not exist for a guest, whatever it passes.</summary>
    [Fact]
    public void TheKeepersCallsAreNotForGuests()
    {
        ulong[] values = [0, 1, 2, 0x4000_0000, 0x4020_0000, 0x8000_0000_0000_0000, ulong.MaxValue];
        byte[] before = PhysicalMemory.Owners();
        for (ulong function = 0xC600_0000; function < 0xC600_0020; function++)
            foreach (ulong a in values)
                foreach (ulong b in values)
                    foreach (ulong c in values)
                        Assert.Equal(HvcStatus.NotSupported, FakeHandset.Hvc(function, a, b, c, b));
        Assert.Equal(before, PhysicalMemory.Owners());
        Assert.Equal((1u, 0u), Cpu.Here.Loaded);
    }

    [Fact]
    public void UnknownFunctionsAreNotSupported()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            uint function = (uint)random.NextInt64();
            if ((function & ~(uint)Wide) - 0x8400_0000 < 0x20 || function is 0x8000_0000 or 0x8000_0001 or 0x8600_FF01 or 0x8600_FF03) continue;
            Assert.Equal(HvcStatus.NotSupported, FakeHandset.Hvc(function | (ulong)random.Next() << 32, (ulong)random.NextInt64()));
        }
        Assert.Equal((1u, 0u), Cpu.Here.Loaded);
    }

    [Fact]
    public void AnSmcIsAnHvcThatMustBeSteppedOver()
    {
        ref Vcpu vcpu = ref FakeHandset.Running();
        ulong pc = vcpu.Pc;
        vcpu.X[0] = 0x8400_0000;
        FakeHandset.Trap(0x5E00_0000);
        Assert.Equal((0x1_0001ul, pc + 4), (vcpu.X[0], vcpu.Pc));
        FakeHandset.Hvc(0x8400_0000);
        Assert.Equal(pc + 4, vcpu.Pc);
    }

    [Fact]
    public void Discovery()
    {
        Assert.Equal(0x1_0001, (long)FakeHandset.Hvc(0x8000_0000));
        Assert.Equal(0, (long)FakeHandset.Hvc(0x8000_0001, 0x8000_0000));
        Assert.Equal(-1, (long)FakeHandset.Hvc(0x8000_0001, 0x8000_8000)); // no workaround is ours to give
        FakeHandset.Hvc(0x8600_FF01);
        Assert.NotEqual(unchecked((ulong)-1L), FakeHandset.Running().X[0]);
    }

    /// <summary>What PSCI_FEATURES promises, is answered; what it denies, is not.</summary>
    [Fact]
    public void PsciFeaturesTellTheTruth()
    {
        for (ulong function = 0x8400_0000; function < 0x8400_0020; function++)
        {
            foreach (ulong wide in (ulong[])[0, Wide])
            {
                if ((function & 0xFF) is 1 or 2 or 8 or 9 or 0x12) continue; // these do not come back
                bool promised = (long)FakeHandset.Hvc(0x8400_000A, function | wide) != -1;
                bool answered = (long)FakeHandset.Hvc(function | wide, 99) != -1 || (function & 0xFF) is 10;
                Assert.True(promised == answered, $"{function | wide:x}: promised {promised}, answered {answered}");
            }
        }
        Assert.Equal(0, (long)FakeHandset.Hvc(0x8400_000A, 0x8000_0000));
        Assert.Equal(-1, (long)FakeHandset.Hvc(0x8400_000A, 0x8600_0000));
    }

    [Fact]
    public void ACoreComesOnOnce()
    {
        // vCPU 1 and 2 were started by RunVm; a fourth does not exist.
        Assert.Equal(-4, (long)FakeHandset.Hvc(0xC400_0003, 1, 0x4000_0000, 5));
        foreach (ulong nobody in (ulong[])[3, 8, 0x100, 0x1_0000_0000, ulong.MaxValue])
        {
            Assert.Equal(-2, (long)FakeHandset.Hvc(0xC400_0003, nobody, 0x4000_0000, 5));
            Assert.Equal(-2, (long)FakeHandset.Hvc(0xC400_0004, nobody, 0));
        }
        PhysicalMemory.Vcpu(1, 2).State = VcpuState.Off;
        Assert.Equal(1, (long)FakeHandset.Hvc(0xC400_0004, 2, 0));
        PhysicalGic.Kicks.Clear();
        Assert.Equal(0, (long)FakeHandset.Hvc(0xC400_0003, 2, 0x4000_1234, 5));
        ref Vcpu woken = ref PhysicalMemory.Vcpu(1, 2);
        Assert.Equal((VcpuState.Ready, 0x4000_1234ul, 5ul), (woken.State, woken.Pc, woken.X[0]));
        Assert.Equal([2u], PhysicalGic.Kicks);
        Assert.Equal(1ul << 1, Cores.At(2).Wakeups);
        Assert.Equal(0, (long)FakeHandset.Hvc(0xC400_0004, 2, 0));
        Assert.Empty(Cpu.FirmwareCalls);
    }

    [Theory]
    [InlineData(0x8400_0002, ExitReason.Off)]
    [InlineData(0x8400_0008, ExitReason.SystemOff)]
    [InlineData(0x8400_0009, ExitReason.SystemReset)]
    [InlineData(0xC400_0012, ExitReason.SystemReset)]
    public void ItsPowerIsTheKeepersBusiness(ulong function, ExitReason reason)
    {
        FakeHandset.Running().X[0] = function;
        FakeHandset.Trap(0x5A00_0000);
        Assert.Equal(reason, FakeHandset.Exit());
        Assert.Equal(function == 0xC400_0012 ? 1u : 0, FakeHandset.Keeper(0).X[2]); // how a Linux that panicked says so
        Assert.Equal(VcpuState.Off, PhysicalMemory.Vcpu(1, 0).State);
        Assert.Empty(Cpu.FirmwareCalls); // the handset stays on
    }

    [Fact]
    public void SuspendIsAWaitForAnInterrupt()
    {
        FakeHandset.Running().X[0] = 0xC400_0001;
        FakeHandset.Trap(0x5A00_0000);
        Assert.Equal(ExitReason.WaitForInterrupt, FakeHandset.Exit());
        Assert.Equal(0u, PhysicalMemory.Vcpu(1, 0).X[0]);
    }

    [Fact]
    public void TheKeepersPowerIsTheHandsets()
    {
        FakeHandset.OnCore(3);
        FakeHandset.Hvc(0x8400_0008);
        Assert.Equal(0x8400_0008u, Assert.Single(Cpu.FirmwareCalls).Function);
    }
}
