using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
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
}
