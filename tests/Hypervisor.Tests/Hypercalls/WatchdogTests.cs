using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Hypercalls;

/// <summary>A keeper that promised a sign of life and gives none.</summary>
public sealed class WatchdogTests
{
    public WatchdogTests() => FakeHandset.Start();

    [Fact]
    public void WithoutASignOfLifeTheHandsetRestartsAndTheReportSaysWhichCoreAndWhere()
    {
        FakeHandset.OnCore(2);
        FakeHandset.Keeper(2).Pc = 0x7F_C012_3456;
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.Watchdog, 3));
        Second();
        Second();
        string report = Assert.Throws<HandsetOffException>(Second).Message;
        Assert.Contains("panic: the keeper hangs, core 2", report);
        Assert.Contains("0000007fc0123456", report);
    }

    [Fact]
    public void EachSignOfLifeCountsFromNowOn()
    {
        for (int i = 0; i < 10; i++)
        {
            FakeHandset.Hvc(HvcFunction.Watchdog, 3);
            Second();
            Second();
        }
        Assert.Throws<HandsetOffException>(Second);
    }

    [Fact]
    public void ItNeedNotPromiseAnything()
    {
        FakeHandset.Hvc(HvcFunction.Watchdog, 1);
        Assert.True(Cpu.Here.IsWatched);
        FakeHandset.Hvc(HvcFunction.Watchdog, 0);
        Assert.False(Cpu.Here.IsWatched);
        Second(); // one that was on its way
        Second();
    }

    [Fact]
    public void EveryCoreHasItsOwn()
    {
        FakeHandset.Hvc(HvcFunction.Watchdog, 2);
        FakeHandset.OnCore(1);
        FakeHandset.Hvc(HvcFunction.Watchdog, 3);
        Assert.False(Cpu.All[2].IsWatched);
        Second();
        Second();
        FakeHandset.OnCore(0);
        Second();
        Assert.Throws<HandsetOffException>(Second);
    }

    /// <summary>The guest has nothing to do with it: it doesn't leave for the timer, and can't answer for the keeper.</summary>
    [Fact]
    public void TimeGoesOnWhileAGuestRuns()
    {
        FakeHandset.Hvc(HvcFunction.Watchdog, 3);
        uint vm = FakeHandset.RunVm();
        Second();
        Assert.Equal((vm, 0u), Cpu.Here.Loaded);
        FakeHandset.Hvc(HvcFunction.Watchdog, 100); // an exit like any other
        Assert.Equal(ExitReason.Instruction, FakeHandset.Exit());
        FakeHandset.Enter(vm, 0);
        Second();
        Assert.Throws<HandsetOffException>(Second);
    }

    // The timer is due, and the GIC hears that its interrupt is over.
    private static void Second()
    {
        Cpu.Here.Deactivated.Clear();
        FakeHandset.Interrupt(PhysicalGic.WatchdogTimer);
        Assert.Equal([(uint)PhysicalGic.WatchdogTimer], Cpu.Here.Deactivated);
    }
}
