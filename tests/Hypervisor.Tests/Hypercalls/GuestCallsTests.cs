using System;
using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Hypercalls;

/// <summary>HVC and SMC: from a guest versions, a wait, and nothing else; from the keeper the handset's power.</summary>
public sealed class GuestCallsTests
{
    private const ulong Wide = 0x4000_0000, Hvc = 0x5A00_0000, Smc = 0x5E00_0000;

    public GuestCallsTests()
    {
        FakeHandset.Start();
        FakeHandset.RunVm(vcpus: 3);
    }

    /// <summary>The keeper's calls are exits like any other for a guest, whatever it passes: the hypervisor does nothing of them.</summary>
    [Fact]
    public void TheKeepersCallsAreNotForGuests()
    {
        ulong[] values = [0, 1, 2, 0x4000_0000, 0x4020_0000, 0x8000_0000_0000_0000, ulong.MaxValue];
        byte[] before = PhysicalMemory.Owners();
        for (ulong function = 0xC600_0000; function < 0xC600_0020; function++)
            foreach (ulong a in values)
                foreach (ulong b in values)
                    foreach (ulong c in values) LeavesWith(function, a, b, c);
        Assert.Equal(before, PhysicalMemory.Owners());
        Assert.Empty(Cpu.FirmwareCalls);
    }

    [Fact]
    public void NoOtherCallIsTheHypervisorsBusiness()
    {
        var random = new Random(1);
        ulong[] known = [0x8000_0001, 0x8600_FF01, 0x8600_FF03, 0x8400_0002, 0xC400_0003, 0xC400_0004, 0x8400_0006, 0x8400_0008, 0x8400_0009, 0x8400_000A, 0xC400_0012];
        foreach (ulong function in known) LeavesWith(function, 1, 0x4000_0000, 5);
        for (int i = 0; i < 20_000; i++)
        {
            ulong function = (uint)random.NextInt64();
            if ((function & ~Wide) is 0x8400_0000 or 0x8400_0001 || function is 0x8000_0000) continue;
            LeavesWith(function | (ulong)random.Next() << 32, (ulong)random.NextInt64(), 0, 0);
        }
        Assert.Empty(Cpu.FirmwareCalls); // the handset stays on
    }

    private static void LeavesWith(ulong function, ulong a, ulong b, ulong c)
    {
        ref Vcpu caller = ref FakeHandset.Running();
        ulong pc = caller.Pc;
        (caller.X[0], caller.X[1], caller.X[2], caller.X[3]) = (function, a, b, c);
        FakeHandset.Trap(Hvc);
        Assert.Equal(ExitReason.Instruction, FakeHandset.Exit());
        Assert.Equal((Hvc, pc, function), (FakeHandset.Keeper(0).X[2], FakeHandset.Keeper(0).X[3], FakeHandset.Keeper(0).X[4]));
        Assert.Equal((function, a, b, c), (caller.X[0], caller.X[1], caller.X[2], caller.X[3]));
        FakeHandset.Enter(1, 0);
    }

    /// <summary>What is asked often is answered at once.</summary>
    [Theory]
    [InlineData(0x8000_0000)]
    [InlineData(0x8400_0000)]
    [InlineData(0xC400_0000)]
    public void Versions(ulong function) => Assert.Equal(0x1_0001, (long)FakeHandset.Hvc(function));

    /// <summary>An SMC has not been stepped over when it traps; what the keeper is told of, has.</summary>
    [Theory]
    [InlineData(0x8400_0000)]
    [InlineData(0x8400_000A)]
    public void TheKeeperAnswersAnSmcAsAnHvc(ulong function)
    {
        ref Vcpu vcpu = ref FakeHandset.Running();
        ulong pc = vcpu.Pc;
        vcpu.X[0] = function;
        FakeHandset.Trap(Smc);
        Assert.Equal(ExitReason.Instruction, FakeHandset.Exit());
        Assert.Equal((pc + 4, pc + 4), (vcpu.Pc, FakeHandset.Keeper(0).X[3]));
    }

    [Fact]
    public void SuspendIsAWaitForAnInterrupt()
    {
        FakeHandset.Running().X[0] = 0xC400_0001;
        FakeHandset.Trap(Hvc);
        Assert.Equal(ExitReason.WaitForInterrupt, FakeHandset.Exit());
        Assert.Equal(0u, PhysicalMemory.Vcpu(1, 0).X[0]);
    }

    [Theory]
    [InlineData(0x8400_0008)]
    [InlineData(0x8400_0009)]
    public void TheKeepersPowerIsTheHandsets(ulong function)
    {
        FakeHandset.OnCore(3);
        FakeHandset.Hvc(function);
        Assert.Equal(function, Assert.Single(Cpu.FirmwareCalls).Function);
    }

    /// <summary>It asks so which cores there are.</summary>
    [Fact]
    public void TheKeeperSeesWhichOfItsCoresAreOn()
    {
        FakeHandset.OnCore(3);
        PhysicalMemory.Vcpu(0, 2).State = VcpuState.Off;
        Assert.Equal([0, 1, -2, -2], ((ulong[])[3, 2, 4, ulong.MaxValue]).Select(core => (long)FakeHandset.Hvc(0xC400_0004, core)));
    }

    [Fact]
    public void ACoreOfTheKeepersComesOnOnce()
    {
        FakeHandset.OnCore(3);
        Assert.Equal(-4, (long)FakeHandset.Hvc(0xC400_0003, 2, 0x4000_1234, 5));
        foreach (ulong nobody in (ulong[])[4, 8, 0x100, 0x1_0000_0000, ulong.MaxValue])
            Assert.Equal(-2, (long)FakeHandset.Hvc(0xC400_0003, nobody, 0x4000_1234, 5));
        Assert.Empty(Cpu.FirmwareCalls);
        PhysicalMemory.Vcpu(0, 2).State = VcpuState.Off;
        Cpu.FirmwareAnswer = -3;
        Assert.Equal(-3, (long)FakeHandset.Hvc(0xC400_0003, 2, 0x4000_1234, 5));
        Assert.Equal(VcpuState.Off, PhysicalMemory.Vcpu(0, 2).State);
        Cpu.FirmwareAnswer = 0;
        Assert.Equal(0, (long)FakeHandset.Hvc(0xC400_0003, 2, 0x4000_1234, 5));
        ref Vcpu on = ref PhysicalMemory.Vcpu(0, 2);
        Assert.Equal((VcpuState.Running, 0x4000_1234ul, 5ul), (on.State, on.Pc, on.X[0]));
        Assert.Equal((0xC400_0003ul, 2ul, 0x4000_0100ul, 0x1234_5002ul), Cpu.FirmwareCalls[^1]);
    }

    /// <summary>What the keeper does not need is not there.</summary>
    [Fact]
    public void ThatIsAllThePsciThatTheKeeperHas()
    {
        FakeHandset.OnCore(3);
        for (ulong number = 1; number < 0x20; number++)
            foreach (ulong wide in (ulong[])[0, Wide])
                if ((0x8400_0000 + number | wide) is not (0xC400_0003 or 0xC400_0004 or 0x8400_0008 or 0x8400_0009))
                    Assert.Equal(HvcStatus.NotSupported, FakeHandset.Hvc(0x8400_0000 + number | wide));
        Assert.Empty(Cpu.FirmwareCalls);
    }
}
