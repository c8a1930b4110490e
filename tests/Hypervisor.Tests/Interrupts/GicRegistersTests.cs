using System;
using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Interrupts;

/// <summary>The memory-mapped half of a guest's GIC, by the accesses that a driver makes.</summary>
public sealed class GicRegistersTests
{
    private const ulong Gicd = VirtualHandset.GicDistributor, Gicr = VirtualHandset.GicRedistributor, Sgi = Gicr + 0x1_0000, Next = 0x2_0000;

    public GicRegistersTests()
    {
        FakeHandset.Start();
        FakeHandset.RunVm(vcpus: 3);
    }

    [Fact]
    public void SaysWhatItIs()
    {
        Assert.Equal(0x3Bu, FakeHandset.Read(Gicd + 0xFFE8) & 0xFF); // GICD_PIDR2: GICv3
        Assert.Equal(0x3Bu, FakeHandset.Read(Gicr + 0xFFE8) & 0xFF);
        ulong typer = FakeHandset.Read(Gicd + 4);
        Assert.Equal(96u, ((typer & 31) + 1) * 32);       // ITLinesNumber
        Assert.Equal(0u, typer >> 17 & 1);                // no LPIs
        Assert.InRange(typer >> 19 & 31, 9u, 15u);        // IDbits
    }

    [Fact]
    public void RedistributorsKnowTheirCoreAndTheLast()
    {
        for (ulong i = 0; i < 3; i++)
        {
            ulong typer = FakeHandset.Read(Gicr + i * Next + 8, 3);
            Assert.Equal(i, typer >> 32);
            Assert.Equal(i, typer >> 8 & 0xFFFF);
            Assert.Equal(i == 2, (typer >> 4 & 1) != 0);
            Assert.Equal(typer >> 32, FakeHandset.Read(Gicr + i * Next + 12));
            Assert.Equal(typer & 0xFFFF_FFFF, FakeHandset.Read(Gicr + i * Next + 8));
            Assert.Equal(0u, FakeHandset.Read(Gicr + i * Next + 0x14) & 6); // GICR_WAKER: awake
        }
    }

    [Fact]
    public void WhatIsNotThereReadsAsZeroAndIgnoresWrites()
    {
        byte[] before = Snapshot();
        foreach (ulong address in (ulong[])
            [Gicr + 3 * Next, Gicr + 3 * Next + 0x1_0100, Gicr - 4, Gicd + 0x1_0000, 0x08FF_FFF8, Gicd + 0x10C, Gicd + 0x100, Gicd + 0x404, Gicd + 0x460, Gicd + 0x60F8, Gicd + 0x6300,
             Gicd + 0xFFF8, Sgi + 0x104, Sgi + 0x420, Sgi, Sgi + 4, Sgi + 0x7C, Sgi + 0xC00, Gicr + 0x80])
        {
            FakeHandset.Write(address, ~0ul);
            Assert.Equal(0u, FakeHandset.Read(address));
            Assert.Equal(0u, FakeHandset.Read(address & ~7ul, 3));
        }
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void ControlKeepsTheGroupEnables()
    {
        Assert.Equal(0x50u, FakeHandset.Read(Gicd)); // affinity routing and one security state, both for good
        FakeHandset.Write(Gicd, ~0u);
        Assert.Equal(0x53u, FakeHandset.Read(Gicd));
        FakeHandset.Write(Gicd, 2);
        Assert.Equal(0x52u, FakeHandset.Read(Gicd));
    }

    [Theory]
    [InlineData(Gicd + 4)]
    [InlineData(Gicd + 8)]
    [InlineData(Sgi)]
    public void EnableSetsAndClears(ulong frame)
    {
        FakeHandset.Write(frame + 0x100, 0x0000_F00F);
        FakeHandset.Write(frame + 0x100, 0x8000_0010);
        Assert.Equal(0x8000_F01Fu, FakeHandset.Read(frame + 0x100));
        FakeHandset.Write(frame + 0x180, 0x8000_0001);
        Assert.Equal(0x0000_F01Eu, FakeHandset.Read(frame + 0x100));
        Assert.Equal(0x0000_F01Eu, FakeHandset.Read(frame + 0x180));
    }

    [Theory]
    [InlineData(Gicd + 4)]
    [InlineData(Gicd + 8)]
    [InlineData(Sgi)]
    public void GroupIsPlain(ulong frame)
    {
        FakeHandset.Write(frame + 0x80, 0xFFFF_FFFF);
        FakeHandset.Write(frame + 0x80, 0x1234_5678);
        Assert.Equal(0x1234_5678u, FakeHandset.Read(frame + 0x80));
    }

    [Theory]
    [InlineData(Gicd + 4)]
    [InlineData(Gicd + 8)]
    [InlineData(Sgi)]
    public void PendingSetsAndClears(ulong frame)
    {
        FakeHandset.Write(frame + 0x200, 0x0000_FFFF);
        Assert.Equal(0x0000_FFFFu, FakeHandset.Read(frame + 0x200));
        FakeHandset.Write(frame + 0x280, 0x0000_FF00);
        Assert.Equal(0x0000_00FFu, FakeHandset.Read(frame + 0x280));
    }

    /// <summary>Pending and enabled, so in a list register; clearing it must reach it there.</summary>
    [Fact]
    public void PendingClearsWhatIsInAListRegister()
    {
        Deliver(5, 0x80);
        Assert.Equal([5u], Cpu.Here.Pending());
        FakeHandset.Write(Sgi + 0x280, 1 << 5);
        Assert.Equal(0u, FakeHandset.Read(Sgi + 0x200));
        Assert.Empty(Cpu.Here.Pending());
    }

    [Fact]
    public void ClearActiveEndsWhatIsActiveAndOnlyThat()
    {
        Deliver(5, 0x80);
        Deliver(6, 0x40);
        Assert.Equal(6u, Cpu.Here.Acknowledge());
        Assert.Equal(1u << 6, FakeHandset.Read(Sgi + 0x300));
        FakeHandset.Write(Sgi + 0x380, ~0u);
        Assert.Equal(0u, FakeHandset.Read(Sgi + 0x380));
        Assert.Equal(1u << 5, FakeHandset.Read(Sgi + 0x200)); // still waits
        Assert.Equal(5u, Cpu.Here.Acknowledge());
    }

    [Fact]
    public void PrioritiesHaveFiveBitsAndComeInAllSizes()
    {
        foreach (ulong first in (ulong[])[Sgi + 0x400, Gicd + 0x420, Gicd + 0x440])
        {
            for (ulong at = 0; at < 32; at += 4)
            {
                FakeHandset.Write(first + at, 0xFF81_7F07);
                Assert.Equal(0xF880_7800u, FakeHandset.Read(first + at));
            }
            FakeHandset.Write(first + 3, 0x1F, 0);
            Assert.Equal(0x18u, FakeHandset.Read(first + 3, 0));
            Assert.Equal(0x1880_7800u, FakeHandset.Read(first));
            Assert.Equal(0x1880u, FakeHandset.Read(first + 2, 1));
        }
    }

    [Fact]
    public void RoutesNameAVcpu()
    {
        FakeHandset.Write(Gicd + 0x6000 + 8 * 40, 2, 3);
        Assert.Equal(2u, FakeHandset.Read(Gicd + 0x6000 + 8 * 40, 3));
        Assert.Equal(2u, FakeHandset.Read(Gicd + 0x6000 + 8 * 40));
        Assert.Equal(0u, FakeHandset.Read(Gicd + 0x6004 + 8 * 40));
        Assert.Equal(0u, FakeHandset.Read(Gicd + 0x6000 + 8 * 41, 3));
        FakeHandset.Write(Gicd + 0x6000 + 8 * 95, 1, 3);
        Assert.Equal(1u, FakeHandset.Read(Gicd + 0x6000 + 8 * 95, 3));
    }

    [Fact]
    public void ARedistributorIsItsOwnVcpus()
    {
        FakeHandset.Write(Sgi + Next + 0x100, 0x70);
        Assert.Equal(0u, FakeHandset.Read(Sgi + 0x100));
        Assert.Equal(0x70u, FakeHandset.Read(Sgi + Next + 0x100));
        Assert.Equal(0u, FakeHandset.Read(Sgi + 2 * Next + 0x100));
    }

    /// <summary>
    /// Every size at every address of the region, aligned or not, read and written: nothing that a guest does to its GIC may stop the
    /// handset. (With its stage 1 a guest makes the region normal memory, and then unaligned accesses arrive here decoded.)
    /// </summary>
    [Fact]
    public void NoAccessBreaksAnything()
    {
        var random = new Random(1);
        ulong[] frames = [Gicd, Gicr, Gicr + 0x1_0000, Gicr + Next, Gicr + 2 * Next + 0x1_0000, Gicr + 3 * Next];
        foreach (ulong frame in frames)
        {
            foreach (ulong offset in Enumerable.Range(0, 0x10_00).Concat(Enumerable.Range(0x60F0, 0x300)).Concat(Enumerable.Range(0xFF00, 0xFF)).Select(o => (ulong)o))
            {
                for (int size = 0; size < 4; size++)
                {
                    FakeHandset.Read(frame + offset, size);
                    FakeHandset.Write(frame + offset, (ulong)random.NextInt64(), size);
                }
            }
        }
        Assert.Equal((1u, 0u), Cpu.Here.Loaded);
    }

    /// <summary>
    /// The keeper's distributor stands for the real one; there a bad access would be ours. Only words: a smaller access to a register of
    /// bits, which the architecture doesn't have, ends the handset, as the keeper can in simpler ways.
    /// </summary>
    [Fact]
    public void TheKeepersWordsReachTheHandsetAsWords()
    {
        FakeHandset.Start();
        for (ulong offset = 0; offset < 0x500; offset += 4)
        {
            FakeHandset.Write(Gicd + offset, ~0ul);
            FakeHandset.Write(Sgi + offset, ~0ul);
        }
        Assert.All(PhysicalGic.Switches, s => Assert.Equal(0u, s.IntId % 32));
    }

    [Fact]
    public void TheKeepersEnablesAndRoutesReachTheHandset()
    {
        FakeHandset.Start();
        FakeHandset.Write(Gicd + 0x104, 1 << 3);
        FakeHandset.Write(Gicd + 0x184, 1 << 4);
        FakeHandset.Write(Gicd + 0x6000 + 8 * 35, 2, 3);
        Assert.Equal([(0u, 32u, 1u << 3, true), (0u, 32u, 1u << 4, false)], PhysicalGic.Switches);
        Assert.Equal(2u, PhysicalGic.Routes[35]);
    }

    [Fact]
    public void AGuestsEnablesAndRoutesDoNot()
    {
        FakeHandset.Write(Gicd + 0x104, ~0u);
        FakeHandset.Write(Sgi + 0x100, ~0u);
        FakeHandset.Write(Gicd + 0x6000 + 8 * 35, 2, 3);
        Assert.Empty(PhysicalGic.Switches);
        Assert.Empty(PhysicalGic.Routes);
    }

    /// <summary>Enables, groups and raises a private interrupt of the running vCPU.</summary>
    internal static void Deliver(int intId, byte priority)
    {
        Cpu.Here.IchVmcr = 0xF800_0003;
        FakeHandset.Write(Gicd, 3);
        FakeHandset.Write(Sgi + 0x80, FakeHandset.Read(Sgi + 0x80) | 1u << intId);
        FakeHandset.Write(Sgi + 0x400 + (ulong)intId, priority, 0);
        FakeHandset.Write(Sgi + 0x100, 1u << intId);
        FakeHandset.Write(Sgi + 0x200, 1u << intId);
    }

    private static byte[] Snapshot()
    {
        ref Vm vm = ref PhysicalMemory.Vm(1);
        var banks = new[] { vm.Shared[0], vm.Shared[1], PhysicalMemory.Vcpu(1, 0).Private, PhysicalMemory.Vcpu(1, 1).Private, PhysicalMemory.Vcpu(1, 2).Private };
        return [.. System.Runtime.InteropServices.MemoryMarshal.AsBytes<Hypervisor.Interrupts.InterruptBank>(banks), (byte)vm.GicControl];
    }
}
