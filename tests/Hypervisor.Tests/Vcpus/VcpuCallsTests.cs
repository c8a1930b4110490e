using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Vcpus;

/// <summary>vCPUs by the keeper's hypercalls, an honest keeper's and a lying one's.</summary>
public sealed class VcpuCallsTests
{
    private const ulong Guest = VirtualHandset.Ram;

    public VcpuCallsTests() => FakeHandset.Start();

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
}
