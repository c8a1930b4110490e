using System;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Traps;
using Pocketvisor.Hypervisor.Vcpus;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Traps;

/// <summary>Whatever a guest traps for: it goes on, it gets an exception of its own, or its keeper hears why not.</summary>
public sealed class GuestTrapsTests
{
    private const ulong Read64 = 0x93C9_8007, Write32 = 0x9389_0047, WriteDenied32 = 0x9389_004F; // of x9

    public GuestTrapsTests()
    {
        FakeHandset.Start();
        FakeHandset.RunVm();
    }

    [Fact]
    public void ADeviceReadIsAnsweredByTheKeeper()
    {
        ulong pc = FakeHandset.Running().Pc;
        FakeHandset.Trap(0x93E9_8007 & ~(3ul << 22), 0x123, 0x0900_0000); // LDRSB x9
        Assert.Equal(ExitReason.Mmio, FakeHandset.Exit());
        var access = new MmioAccess((uint)FakeHandset.Keeper(0).X[3]);
        Assert.Equal((0x0900_0123ul, 1, false), (FakeHandset.Keeper(0).X[2], access.Size, access.Writes));
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0, 0x1234_5680);
        Assert.Equal((0xFFFF_FFFF_FFFF_FF80ul, pc + 4), (FakeHandset.Running().X[9], FakeHandset.Running().Pc));
    }

    [Fact]
    public void ADeviceWriteHandsTheValueOver()
    {
        FakeHandset.Running().X[9] = 0x1_0000_0042;
        FakeHandset.Trap(Write32, 0, 0x0A00_0000);
        Assert.Equal(ExitReason.Mmio, FakeHandset.Exit());
        var access = new MmioAccess((uint)FakeHandset.Keeper(0).X[3]);
        Assert.Equal((4, true, 0x42u), (access.Size, access.Writes, (uint)FakeHandset.Keeper(0).X[4]));
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0, 0xFFFF);
        Assert.Equal(0x1_0000_0042u, FakeHandset.Running().X[9]);
    }

    /// <summary>Of a permission fault HPFAR_EL2 says nothing, so the guest's own translation counts.</summary>
    [Fact]
    public void AWriteToReadOnlyMemoryIsADevicesToo()
    {
        FakeHandset.Running().X[9] = 0x42;
        Cpu.Here.GuestTranslation = address => address >> 12 == 0xFFFF_8000_0A00_0 ? 0xFF00_0000_0A00_0A80 : 1;
        FakeHandset.Trap(WriteDenied32, 0xFFFF_8000_0A00_0664, 0x5A5A_5000);
        Assert.Equal(ExitReason.Mmio, FakeHandset.Exit());
        var access = new MmioAccess((uint)FakeHandset.Keeper(0).X[3]);
        Assert.Equal((0x0A00_0664ul, 4, true, 0x42ul), (FakeHandset.Keeper(0).X[2], access.Size, access.Writes, FakeHandset.Keeper(0).X[4]));
    }

    /// <summary>Another vCPU unmapped the address meanwhile: the guest's own exception comes when it tries again.</summary>
    [Fact]
    public void AWriteWhoseTranslationIsGoneIsTriedAgain()
    {
        ulong pc = FakeHandset.Running().Pc;
        Cpu.Here.GuestTranslation = _ => 0x80F; // PAR_EL1.F
        FakeHandset.Trap(WriteDenied32, 0x664, 0x0A00_0000);
        Assert.Equal((1u, pc), (Cpu.Here.Loaded!.Value.Vm, FakeHandset.Running().Pc));
    }

    /// <summary>
    /// The guest keeps a translation table where it may only read, and the processor wants to note in it that a page was accessed. The same
    /// walk would fail again for us, and trying again without end would tell nobody.
    /// </summary>
    [Fact]
    public void ATableThatTheProcessorCannotWriteStopsTheVcpuWithAReport()
    {
        Cpu.Here.GuestTranslation = _ => 0x81F; // PAR_EL1.F
        FakeHandset.Trap(0x9200_00CF, 0x664, 0x0A00_0000); // S1PTW, WnR, permission fault
        Assert.Equal(ExitReason.Fault, FakeHandset.Exit());
        Assert.Equal(0x0A00_0664ul, FakeHandset.Keeper(0).X[4]); // HPFAR_EL2 holds, if it was a walk
    }

    [Fact]
    public void RegisterThirtyOneIsZero()
    {
        FakeHandset.Trap(0x939F_0047, 0, 0x0A00_0000); // STR wzr
        Assert.Equal(0u, FakeHandset.Keeper(0).X[4]);
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0, 0);
        FakeHandset.Trap(0x93DF_8007, 0, 0x0A00_0000); // LDR xzr
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0, 77);
        Assert.Equal(0x4000_0008u, FakeHandset.Running().Pc);
    }

    /// <summary>An answer belongs to one access, and not to whatever the vCPU does next.</summary>
    [Fact]
    public void AnAnswerWithoutAQuestionIsIgnored()
    {
        FakeHandset.Running().X[9] = 5;
        FakeHandset.Running().X[0] = 0xC400_0001;
        PhysicalMemory.Vcpu(1, 0).Private.Enabled = 0;
        FakeHandset.Trap(0x0600_0000);
        PhysicalMemory.Vcpu(1, 0).State = VcpuState.Ready;
        FakeHandset.Hvc(HvcFunction.VcpuRun, 1, 0, 99);
        Assert.Equal((5ul, 0x4000_0004ul), (FakeHandset.Running().X[9], FakeHandset.Running().Pc));
    }

    [Theory]
    [InlineData(0x9200_0007ul, "a pair, or with write-back: not decoded")]
    [InlineData(0x93C9_8107ul, "cache maintenance on a device")]
    [InlineData(0x93C9_800Ful, "a permission fault of a read")]
    [InlineData(0x9389_014Ful, "cache maintenance where it may only read")]
    [InlineData(0x9200_004Ful, "a pair stored where it may only read")]
    [InlineData(0x8200_000Ful, "an instruction fetch from what is never executed")]
    [InlineData(0x93C9_8021ul, "an alignment fault")]
    [InlineData(0x93C9_8010ul, "an external abort")]
    [InlineData(0x9200_0087ul, "the guest's own table walk")]
    [InlineData(0x8200_0007ul, "an instruction fetch")]
    public void WhatCannotBeCompletedStopsTheVcpuWithAReport(ulong esr, string what)
    {
        FakeHandset.Trap(esr, 0xFFFF_0000_1234_5678, 0x0900_0000);
        Assert.True(FakeHandset.Exit() == ExitReason.Fault, what);
        Assert.Equal((esr, 0xFFFF_0000_1234_5678ul, 0x0900_0678ul), (FakeHandset.Keeper(0).X[2], FakeHandset.Keeper(0).X[3], FakeHandset.Keeper(0).X[4]));
        FakeHandset.Enter(1, 0);
        FakeHandset.Trap(esr, 0xFFFF_0000_1234_5678, 0x0900_0000); // again
        Assert.Equal(ExitReason.Fault, FakeHandset.Exit());
    }

    /// <summary>Every syndrome a guest could bring about, and those that it can't: none of them stops the handset.</summary>
    [Fact]
    public void NoSyndromeStopsTheHandset()
    {
        var random = new Random(7);
        for (uint ec = 0; ec < 64; ec++)
        {
            for (int i = 0; i < 400; i++)
            {
                FakeHandset.Start();
                FakeHandset.RunVm(vcpus: 2);
                for (int r = 0; r < 31; r++) FakeHandset.Running().X[r] = random.Next(3) == 0 ? (ulong)random.Next(256) : (ulong)random.NextInt64();
                FakeHandset.Running().Pstate = (uint)random.Next(1024);
                uint iss = (uint)random.Next(1 << 25);
                if (ec == 0x24 && random.Next(2) == 0) iss = iss & ~0x3Fu | 1u << 24 | 7;
                ulong[] places = [0x0800_0000, 0x080A_0000, 0x080B_0000, 0x0800_6000, 0x0900_0000, 0, 0x7F_FFFF_F000];
                FakeHandset.Trap((ulong)ec << 26 | (ulong)random.Next(2) << 25 | iss, (ulong)random.NextInt64(), places[random.Next(places.Length)] + (ulong)random.Next(2) * 0x1000);
                Assert.Empty(Cpu.FirmwareCalls);
                Assert.False(Hypervisor.Memory.SpinLock.IsTaken);
                if (Cpu.Here.Loaded == (0u, 0u)) FakeHandset.Exit();
            }
        }
    }

    /// <summary>The keeper knows what to answer, and to which guests it gives an exception instead.</summary>
    [Theory]
    [InlineData(3, 4, 1, 1, 0, "HCR_EL2")]
    [InlineData(3, 0, 0, 4, 0, "ID_AA64PFR0_EL1")]
    [InlineData(2, 0, 0, 0, 5, "DBGBCR0_EL1")]
    [InlineData(3, 0, 1, 0, 1, "ACTLR_EL1")]
    [InlineData(3, 0, 12, 11, 6, "ICC_ASGI1R_EL1")]
    public void OtherSystemRegistersAreTheKeepersBusiness(uint op0, uint op1, uint crn, uint crm, uint op2, string name)
    {
        foreach (bool write in (bool[])[false, true])
        {
            ref Vcpu vcpu = ref FakeHandset.Running();
            ulong pc = vcpu.Pc, esr = SystemRegister(op0, op1, crn, crm, op2, write);
            FakeHandset.Trap(esr);
            Assert.True(FakeHandset.Exit() == ExitReason.Instruction, name);
            Assert.Equal((esr, pc, pc), (FakeHandset.Keeper(0).X[2], FakeHandset.Keeper(0).X[3], vcpu.Pc));
            FakeHandset.Enter(1, 0);
        }
    }

    /// <summary>SVE, trapped floating point, what has no reason: all of it the keeper hears of, with the guest still at the instruction.</summary>
    [Theory]
    [InlineData(0x6600_0000)]
    [InlineData(0x1E00_0000)]
    [InlineData(0x0200_0000)]
    public void SoAreOtherInstructions(ulong esr)
    {
        ulong pc = FakeHandset.Running().Pc;
        FakeHandset.Trap(esr);
        Assert.Equal(ExitReason.Instruction, FakeHandset.Exit());
        Assert.Equal((esr, pc), (FakeHandset.Keeper(0).X[2], FakeHandset.Keeper(0).X[3]));
    }

    [Fact]
    public void TheKeeperCompletesAnInstruction()
    {
        FakeHandset.Trap(SystemRegister(3, 0, 0, 4, 0, write: false));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuSet, 1, 0, 9, 0x1234));
        Assert.Equal(HvcStatus.Success, FakeHandset.Hvc(HvcFunction.VcpuSet, 1, 0, (ulong)VcpuRegister.Pc, 0x4000_0004));
        FakeHandset.Enter(1, 0);
        Assert.Equal((0x1234ul, 0x4000_0004ul), (FakeHandset.Running().X[9], FakeHandset.Running().Pc));
    }

    [Fact]
    public void OfDebuggingAGuestHasSingleSteps()
    {
        FakeHandset.Running().X[9] = ulong.MaxValue;
        FakeHandset.Trap(SystemRegister(2, 0, 0, 2, 2, write: true)); // MDSCR_EL1
        Assert.Equal(0u, Cpu.Here.MdscrEl1 & ~0x1001ul);
        Assert.Equal(0x4000_0004u, FakeHandset.Running().Pc);
    }

    [Fact]
    public void AKeeperThatTouchesWhatIsNotItsOwnRestartsTheHandset()
    {
        FakeHandset.OnCore(1);
        Cpu.Counter = FakeHandset.RestartableAt;
        var off = Assert.Throws<HandsetOffException>(() => FakeHandset.Trap(Read64, FakeHandset.Memory, FakeHandset.Memory));
        Assert.Contains("panic", off.Message, StringComparison.Ordinal);
        Assert.EndsWith("pocketvisor: restarting the handset\r\n", off.Message, StringComparison.Ordinal);
        Assert.Equal(0x8400_0009u, Assert.Single(Cpu.FirmwareCalls).Function);
    }

    /// <summary>Or it would restart for ever.</summary>
    [Fact]
    public void OneThatDoesSoAtOnceTurnsTheHandsetOff()
    {
        FakeHandset.OnCore(1);
        Cpu.Counter = FakeHandset.RestartableAt - 1;
        var off = Assert.Throws<HandsetOffException>(() => FakeHandset.Trap(Read64, FakeHandset.Memory, FakeHandset.Memory));
        Assert.EndsWith("pocketvisor: too early; off\r\n", off.Message, StringComparison.Ordinal);
        Assert.Equal(0x8400_0008u, Assert.Single(Cpu.FirmwareCalls).Function);
    }

    [Fact]
    public void TheKeepersVectorRegistersComeBackOnFirstUse()
    {
        FakeHandset.Read(0x0900_0000);
        Assert.Equal(1u, (uint)(Cpu.Here.Cptr >> 10) & 1); // they trap: the guest's are in there
        FakeHandset.Trap(0x1E00_0000);
        Assert.Equal(0u, (uint)(Cpu.Here.Cptr >> 10) & 1);
        Assert.Equal(0x4001_0000u, FakeHandset.Running().Pc); // the instruction runs again
    }

    /// <summary>The physical counter would tell how long the handset is up; a guest's clock starts with the guest.</summary>
    [Fact]
    public void ThePhysicalCounterIsTheGuestsOwn()
    {
        ref Vcpu vcpu = ref FakeHandset.Running();
        Cpu.Counter = vcpu.CntvoffEl2 + 1234;
        FakeHandset.Trap(SystemRegister(3, 3, 14, 0, 1, write: false)); // CNTPCT_EL0
        Assert.Contains(1234ul, ((ReadOnlySpan<ulong>)vcpu.X).ToArray());
        Assert.Equal(0ul, vcpu.CnthctlEl2); // so that it traps, and the physical timer too
    }

    // [21:20] Op0 │ [19:17] Op2 │ [16:14] Op1 │ [13:10] CRn │ [9:5] Rt = x9 │ [4:1] CRm │ [0] read
    private static ulong SystemRegister(uint op0, uint op1, uint crn, uint crm, uint op2, bool write) =>
        0x6200_0000 | op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | 9 << 5 | crm << 1 | (write ? 0u : 1);
}
