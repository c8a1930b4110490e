using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Interrupts;

/// <summary>What reaches the list registers, in what order, and when the keeper hears of it.</summary>
public sealed class VgicTests
{
    private const ulong Gicd = VirtualHandset.GicDistributor, Sgi = VirtualHandset.GicRedistributor + 0x1_0000;
    private const ulong WfiTrap = 0x0600_0000, SgiWrite = 0x623A_3136; // MSR ICC_SGI1R_EL1, x9
    private const uint Underflow = 2;

    public VgicTests()
    {
        FakeHandset.Start();
        FakeHandset.RunVm(vcpus: 2);
        Cpu.Here.IchVmcr = 0xF800_0003;
        FakeHandset.Write(Gicd, 3);
        FakeHandset.Write(Sgi + 0x80, ~0u);
        FakeHandset.Write(Gicd + 0x84, ~0u);
        FakeHandset.Write(Gicd + 0x88, ~0u);
    }

    [Fact]
    public void TheFourMostUrgentComeFirstAndTheRestWhenTheyAreGone()
    {
        byte[] priorities = [0xA0, 0x20, 0xC0, 0x40, 0x80, 0x60];
        for (int i = 0; i < priorities.Length; i++) GicRegistersTests.Deliver(i, priorities[i]);
        Assert.Equal([1u, 3u, 4u, 5u], Cpu.Here.Pending().Order());
        Assert.Equal(Underflow, (uint)Cpu.Here.IchHcr & Underflow);

        var order = new List<uint>();
        for (uint intId; (intId = Cpu.Here.Acknowledge()) != 1023;)
        {
            order.Add(intId);
            if (Cpu.Here.End(intId)) FakeHandset.Interrupt(PhysicalGic.Maintenance);
        }
        Assert.Equal([1u, 3u, 5u, 4u, 0u, 2u], order);
        Assert.Equal(0u, (uint)Cpu.Here.IchHcr & Underflow);
    }

    [Fact]
    public void NothingIsDeliveredThatIsDisabledOrOfAGroupThatIsOff()
    {
        GicRegistersTests.Deliver(5, 0x80);
        FakeHandset.Write(Sgi + 0x180, 1 << 5);
        Assert.Empty(Cpu.Here.Pending());
        FakeHandset.Write(Sgi + 0x100, 1 << 5);
        Assert.Equal([5u], Cpu.Here.Pending());
        FakeHandset.Write(Gicd, 1); // group 1 off
        Assert.Empty(Cpu.Here.Pending());
        FakeHandset.Write(Sgi + 0x80, 0); // now it is of group 0
        Assert.Equal([5u], Cpu.Here.Pending());
        Assert.Equal(1023u, Cpu.Here.Acknowledge());
        Assert.Equal(5u, Cpu.Here.Acknowledge(group1: false));
    }

    [Fact]
    public void ASoftwareInterruptToItselfArrives()
    {
        FakeHandset.Write(Sgi + 0x100, 0xFFFF);
        SendSgi(3ul << 24 | 1);
        Assert.Equal([3u], Cpu.Here.Pending());
    }

    /// <summary>A list register that becomes free belongs to the most urgent that waits, and not to whoever comes just then.</summary>
    [Fact]
    public void WhoCameBeforeAndIsMoreUrgentIsNotOvertaken()
    {
        FakeHandset.Write(Sgi + 0x100, 0xFFFF);
        byte[] priorities = [0x20, 0x20, 0x20, 0x20, 0x40, 0x80];
        for (int i = 0; i < priorities.Length; i++) FakeHandset.Write(Sgi + 0x400 + (ulong)i, priorities[i], 0);
        for (ulong i = 0; i < 5; i++) SendSgi(i << 24 | 1);
        Assert.Equal([0u, 1u, 2u, 3u], Cpu.Here.Pending().Order());
        Cpu.Here.End(Cpu.Here.Acknowledge());
        SendSgi(5ul << 24 | 1);
        Assert.Contains(4u, Cpu.Here.Pending());
        Assert.DoesNotContain(5u, Cpu.Here.Pending());
    }

    [Theory]
    [InlineData(0x0000_0000_0300_0003, 0b11)] // both
    [InlineData(0x0000_0100_0300_0000, 0b10)] // all but self
    [InlineData(0x0000_0100_0301_00FF, 0b10)] // … whatever else it says
    [InlineData(0x0000_0000_0300_FFFC, 0b00)] // nobody there
    [InlineData(0x0000_0000_0301_0003, 0b00)] // another cluster
    [InlineData(0x0001_0000_0300_0003, 0b00)]
    [InlineData(0x0000_0001_0300_0003, 0b00)]
    public void SoftwareInterruptsGoToWhomTheyName(ulong value, int targets)
    {
        FakeHandset.Write(Sgi + 0x100, 0xFFFF);
        SendSgi(value);
        Assert.Equal((targets & 1) != 0 ? 1u << 3 : 0, (uint)FakeHandset.Read(Sgi + 0x200));
        Assert.Equal((targets & 2) != 0 ? 1u << 3 : 0, (uint)FakeHandset.Read(Sgi + 0x2_0000 + 0x200));
    }

    [Fact]
    public void ARunningVcpuElsewhereIsKicked()
    {
        FakeHandset.OnCore(1);
        FakeHandset.Enter(1, 1);
        FakeHandset.OnCore(0);
        FakeHandset.Write(Sgi + 0x2_0000 + 0x80, ~0u);
        FakeHandset.Write(Sgi + 0x2_0000 + 0x100, 0xFFFF);
        PhysicalGic.Kicks.Clear();
        SendSgi(4ul << 24 | 2);
        Assert.Equal([1u], PhysicalGic.Kicks);
        FakeHandset.OnCore(1);
        FakeHandset.Interrupt(PhysicalGic.KickSgi);
        Assert.Equal([4u], Cpu.Here.Pending());
        Assert.Equal((1u, 1u), Cpu.Here.Loaded);
    }

    /// <summary>A line that is still up when its interrupt ends comes again; one that fell meanwhile does not.</summary>
    [Fact]
    public void LinesAreLevels()
    {
        EnableSpi(33);
        SetLine(33, 1);
        Assert.Equal(33u, Cpu.Here.Acknowledge());
        Assert.True(Cpu.Here.End(33)); // maintenance
        FakeHandset.Interrupt(PhysicalGic.Maintenance);
        Assert.Equal([33u], Cpu.Here.Pending());

        Assert.Equal(33u, Cpu.Here.Acknowledge());
        SetLine(33, 0);
        Assert.Empty(Cpu.Here.Pending());
        if (Cpu.Here.End(33)) FakeHandset.Interrupt(PhysicalGic.Maintenance);
        Assert.Equal(1023u, Cpu.Here.Acknowledge());
    }

    [Fact]
    public void ALineThatFallsBeforeItIsTakenIsGone()
    {
        EnableSpi(34);
        SetLine(34, 1);
        Assert.Equal([34u], Cpu.Here.Pending());
        SetLine(34, 0);
        Assert.Empty(Cpu.Here.Pending());
    }

    [Fact]
    public void AnEdgeDuringItsHandlerIsActiveAndPending()
    {
        GicRegistersTests.Deliver(5, 0x80);
        Assert.Equal(5u, Cpu.Here.Acknowledge());
        SendSgi(5ul << 24 | 1);
        Assert.Equal(1023u, Cpu.Here.Acknowledge()); // not twice at once
        Cpu.Here.End(5);
        Assert.Equal(5u, Cpu.Here.Acknowledge());
        Cpu.Here.End(5);
        Assert.Equal(1023u, Cpu.Here.Acknowledge());
    }

    [Fact]
    public void SharedInterruptsFollowTheirRoute()
    {
        EnableSpi(40, target: 1);
        SetLine(40, 1);
        Assert.Empty(Cpu.Here.Pending());
        FakeHandset.Write(Gicd + 0x6000 + 8 * 40, 0, 3);
        Assert.Equal([40u], Cpu.Here.Pending());
        FakeHandset.Write(Gicd + 0x6000 + 8 * 40, 9, 3); // to nobody
        Assert.Empty(Cpu.Here.Pending());
    }

    [Fact]
    public void SleepsWhenNothingWouldInterrupt()
    {
        FakeHandset.Trap(WfiTrap);
        Assert.Equal(ExitReason.WaitForInterrupt, FakeHandset.Exit());
        Assert.Equal(ulong.MaxValue, FakeHandset.Keeper(0).X[2]);
        Assert.Equal(VcpuState.Waiting, PhysicalMemory.Vcpu(1, 0).State);
    }

    // The guest leaves, and comes back alone on its core.
    private static void RunAlone()
    {
        FakeHandset.Read(0x0900_0000);
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0, 0, 1);
        Assert.Equal((1u, 0u), Cpu.Here.Loaded);
    }

    /// <summary>Nobody else wants the core: it waits with its guest, without the lock, and the keeper hears of nothing but how long.</summary>
    [Fact]
    public void AloneTheCoreWaitsWithItsGuest()
    {
        GicRegistersTests.Deliver(0, 0xF0);
        Cpu.Here.Acknowledge();
        Cpu.Here.End(0);
        FakeHandset.Write(Sgi + 0x100, 1 << 27);
        FakeHandset.Write(Sgi + 0x400 + 27, 0x80, 0);
        RunAlone();
        ulong pc = FakeHandset.Running().Pc;
        for (int i = 1; i <= 2; i++)
        {
            Cpu.Here.Waits = () =>
            {
                Assert.False(Hypervisor.Memory.SpinLock.IsTaken);
                Cpu.Counter += 1000;
                Cpu.Here.PendingPhysical = 27;
            };
            FakeHandset.Trap(WfiTrap);
            FakeHandset.Interrupt(Cpu.Here.PendingPhysical); // taken as soon as the guest is back
            Assert.Equal(((1u, 0u), pc + 4 * (ulong)i), (Cpu.Here.Loaded!.Value, FakeHandset.Running().Pc));
            Assert.Equal(27u, Cpu.Here.Acknowledge());
            Cpu.Here.End(27);
        }
        FakeHandset.Read(0x0900_0000);
        Assert.Equal(ExitReason.Mmio, FakeHandset.Exit());
        Assert.Equal(2000u, FakeHandset.Keeper(0).X[5]);

        // What it waited is told once.
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0, 0, 1);
        FakeHandset.Read(0x0900_0000);
        Assert.Equal(0u, FakeHandset.Keeper(0).X[5]);
    }

    [Fact]
    public void AnInterruptForTheKeeperEndsTheWaiting()
    {
        FakeHandset.Read(0x0900_0000);
        FakeHandset.Write(Gicd, 3);
        FakeHandset.Write(Sgi + 0x80, uint.MaxValue);
        FakeHandset.Write(Sgi + 0x100, 1 << 30);
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0, 0, 1);
        Cpu.Here.Waits = () => Cpu.Here.PendingPhysical = 30;
        FakeHandset.Trap(WfiTrap);
        FakeHandset.Interrupt(Cpu.Here.PendingPhysical);
        Assert.Equal(ExitReason.Interrupt, FakeHandset.Exit());
        Assert.Equal(VcpuState.Ready, PhysicalMemory.Vcpu(1, 0).State);
    }

    /// <summary>What lies in a list register may be for now: then the long way finds out.</summary>
    [Theory]
    [InlineData(0xF800_0003, true)]
    [InlineData(0x8000_0003, false)]
    public void AloneItDoesNotWaitWithAnInterruptAtHand(ulong vmcr, bool awake)
    {
        RunAlone();
        GicRegistersTests.Deliver(5, 0x80);
        Cpu.Here.IchVmcr = vmcr;
        FakeHandset.Trap(WfiTrap);
        Assert.Equal(awake ? (1u, 0u) : (0u, 0u), Cpu.Here.Loaded);
    }

    /// <summary>While it waits, it counts as running: who raises something for it interrupts its core.</summary>
    [Fact]
    public void AnotherCoreWakesWhoWaitsAlone()
    {
        EnableSpi(33);
        RunAlone();
        Cpu.Here.Waits = () =>
        {
            Assert.Equal(VcpuState.Running, PhysicalMemory.Vcpu(1, 0).State);
            FakeHandset.OnCore(2);
            PhysicalGic.Kicks.Clear();
            Assert.Equal(HvcStatus.Busy, FakeHandset.Hvc(HvcFunction.VmDestroy, 1));
            Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmSetInterrupt, 1, 33, 1));
            Assert.Equal([0u], PhysicalGic.Kicks);
            FakeHandset.OnCore(0);
            Cpu.Here.PendingPhysical = PhysicalGic.KickSgi;
        };
        FakeHandset.Trap(WfiTrap);
        FakeHandset.Interrupt(Cpu.Here.PendingPhysical);
        Assert.Equal((1u, 0u), Cpu.Here.Loaded);
        Assert.Equal([33u], Cpu.Here.Pending());
    }

    [Fact]
    public void DoesNotSleepWithWork()
    {
        GicRegistersTests.Deliver(5, 0x80);
        ulong pc = FakeHandset.Running().Pc;
        FakeHandset.Trap(WfiTrap);
        Assert.Equal((1u, 0u), Cpu.Here.Loaded);
        Assert.Equal(pc + 4, FakeHandset.Running().Pc);
        Assert.Equal([5u], Cpu.Here.Pending());
    }

    [Theory]
    [InlineData(0x8000_0003, 0x80, false)] // not more urgent than the mask
    [InlineData(0x8800_0003, 0x80, true)]
    [InlineData(0xF800_0001, 0x80, false)] // group 1 off at the interface
    [InlineData(0xF800_0002, 0x80, true)]
    public void WhatTheMaskHidesDoesNotWake(ulong vmcr, byte priority, bool awake)
    {
        GicRegistersTests.Deliver(5, priority);
        Cpu.Here.IchVmcr = vmcr;
        FakeHandset.Trap(WfiTrap);
        Assert.Equal(awake ? (1u, 0u) : (0u, 0u), Cpu.Here.Loaded);
    }

    [Fact]
    public void ALessUrgentInterruptOfAnOpenGroupWakesTheSleeper()
    {
        GicRegistersTests.Deliver(5, 0x40);
        FakeHandset.Write(Sgi + 0x80, ~(1u << 5)); // group 0, which the interface has off
        GicRegistersTests.Deliver(6, 0x80);
        FakeHandset.Write(Sgi + 0x80, ~(1u << 5));
        Cpu.Here.IchVmcr = 0xF800_0002;
        FakeHandset.Trap(WfiTrap);
        Assert.Equal((1u, 0u), Cpu.Here.Loaded);
    }

    [Fact]
    public void ASleeperIsWokenAndTheKeeperToldOnItsCore()
    {
        EnableSpi(33);
        FakeHandset.Trap(WfiTrap);
        FakeHandset.OnCore(2);
        PhysicalGic.Kicks.Clear();
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmSetInterrupt, 1, 33, 1));
        Assert.Equal(VcpuState.Ready, PhysicalMemory.Vcpu(1, 0).State);
        Assert.Equal([0u], PhysicalGic.Kicks); // the doorbell
        FakeHandset.OnCore(0);
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.TakeWakeups));
        Assert.Equal(1ul << 1, FakeHandset.Keeper(0).X[1]);
        FakeHandset.Hvc(HvcFunction.TakeWakeups);
        Assert.Equal(0u, FakeHandset.Keeper(0).X[1]);
        FakeHandset.Enter(1, 0);
        Assert.Equal([33u], Cpu.Here.Pending());
    }

    [Fact]
    public void TheVirtualTimerIsDeliveredWithItsPhysicalInterrupt()
    {
        GicRegistersTests.Deliver(0, 0xF0); // sets priority masks and the distributor
        Assert.Equal(0u, Cpu.Here.Acknowledge());
        Cpu.Here.End(0);
        FakeHandset.Write(Sgi + 0x100, 1 << 27);
        FakeHandset.Write(Sgi + 0x400 + 27, 0x80, 0);
        FakeHandset.Interrupt(27);
        Assert.Equal([27u], Cpu.Here.Pending());
        Assert.Empty(Cpu.Here.Deactivated);
        Assert.Equal(27u, Cpu.Here.Acknowledge());
        Cpu.Here.End(27);
        Assert.Equal([27u], Cpu.Here.Deactivated); // by the guest's own end of interrupt
    }

    [Fact]
    public void ATimerThatWasNotTakenDoesNotBlockTheNextGuest()
    {
        FakeHandset.Write(Sgi + 0x100, 1 << 27);
        FakeHandset.Interrupt(27);
        FakeHandset.Read(0x0900_0000); // out to the keeper
        Assert.Equal(ExitReason.Mmio, FakeHandset.Exit());
        Assert.Equal([27u], Cpu.Here.Deactivated);
    }

    [Fact]
    public void TheDeadlineOfASleeperIsItsTimers()
    {
        FakeHandset.Write(Sgi + 0x100, 1 << 27);
        (Cpu.Here.CntvCtl, Cpu.Here.CntvCval) = (1, 5000);
        ulong offset = FakeHandset.Running().CntvoffEl2;
        FakeHandset.Trap(WfiTrap);
        Assert.Equal(ExitReason.WaitForInterrupt, FakeHandset.Exit());
        Assert.Equal(5000 + offset, FakeHandset.Keeper(0).X[2]);

        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0));
        Assert.Equal(ExitReason.WaitForInterrupt, FakeHandset.Exit());
        Cpu.Counter = 5000 + offset;
        FakeHandset.Enter(1, 0);
    }

    [Fact]
    public void AnInterruptForTheKeeperEndsTheGuestsTurn()
    {
        FakeHandset.Read(0x0900_0000); // out to the keeper
        FakeHandset.Write(Gicd, 3);
        FakeHandset.Write(Sgi + 0x80, ~0u);
        FakeHandset.Write(Sgi + 0x100, 1 << 30);
        FakeHandset.Enter(1, 0);
        FakeHandset.Interrupt(30);
        Assert.Equal(ExitReason.Interrupt, FakeHandset.Exit());
        Assert.Equal([30u], Cpu.Here.Pending());
        // And as long as it doesn't take it, no guest runs.
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0);
        Assert.Equal(ExitReason.Interrupt, FakeHandset.Exit());
    }

    private static void EnableSpi(uint intId, ulong target = 0)
    {
        FakeHandset.Write(Gicd + 0x400 + intId, 0x80, 0);
        FakeHandset.Write(Gicd + 0x100 + intId / 32 * 4, 1u << (int)(intId & 31));
        FakeHandset.Write(Gicd + 0x6000 + 8ul * intId, target, 3);
    }

    // By the keeper of another core; whoever runs the target is kicked.
    internal static void SetLine(uint intId, ulong level)
    {
        uint here = Cpu.Current;
        FakeHandset.OnCore(3);
        PhysicalGic.Kicks.Clear();
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VmSetInterrupt, 1, intId, level));
        FakeHandset.OnCore(here);
        if (PhysicalGic.Kicks.Contains(here)) FakeHandset.Interrupt(PhysicalGic.KickSgi);
    }

    internal static void SendSgi(ulong value)
    {
        FakeHandset.Running().X[9] = value;
        FakeHandset.Trap(SgiWrite);
    }
}
