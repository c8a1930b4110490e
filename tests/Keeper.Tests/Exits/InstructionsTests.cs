using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Exits;
using Pocketvisor.Keeper.Machine;
using Xunit;

namespace Pocketvisor.Keeper.Tests.Exits;

/// <summary>What guests use and the hypervisor does not carry out: ID registers, empty registers, exceptions.</summary>
[Collection(nameof(Hypercall))]
public sealed class InstructionsTests
{
    private const ulong Pc = 0xFFFF_8000_1234_5678;

    public InstructionsTests()
    {
        Hypercall.Reset();
        Cpu.IdRegisters = _ => ulong.MaxValue;
    }

    [Fact]
    public void IdRegistersShowNothingThatGuestsCannotHave()
    {
        ulong pfr0 = Read(3, 0, 0, 4, 0);
        Assert.Equal(0u, pfr0 >> 8 & 0xFF);                 // EL2, EL3
        Assert.Equal(0u, pfr0 >> 28 & 0xFF);                // RAS, SVE
        Assert.Equal(0u, Read(3, 0, 0, 4, 1) >> 8 & 0xF);   // memory tags
        Assert.Equal(0u, Read(3, 0, 0, 4, 4));              // ZFR0
        Assert.Equal(0u, Read(3, 0, 0, 5, 0) >> 8 & 0xF);   // performance monitors
        Assert.Equal(0u, Read(3, 0, 0, 1, 2) >> 24 & 0xF);  // the same, AArch32
        Assert.Equal(0u, Read(3, 0, 0, 6, 1) >> 4 & 0xFF);  // pointer authentication
        Assert.Equal(2u, Read(3, 0, 0, 7, 0) & 0xF);        // 40 bits
        Assert.Equal(0u, Read(3, 0, 0, 7, 1) >> 8 & 0xF);   // VHE
    }

    [Fact]
    public void IdRegistersShowTheRestAsItIs()
    {
        Cpu.IdRegisters = index => 0x1111_1111_1111_1111ul * (ulong)(index & 7);
        Assert.Equal(0x33ul, Read(3, 0, 0, 1, 3) & 0xFF);
        Assert.Equal(0ul, Read(3, 0, 0, 4, 0));
        Cpu.IdRegisters = _ => 0x1122;
        Assert.Equal(0x1122ul, Read(3, 0, 0, 7, 0)); // MMFR0 of a Cortex-A72: 44 bits become 40
        Cpu.IdRegisters = _ => 0x1124;
        Assert.Equal(0x1122ul, Read(3, 0, 0, 7, 0));
        Cpu.IdRegisters = _ => 0x1121;
        Assert.Equal(0x1121ul, Read(3, 0, 0, 7, 0));
    }

    [Theory]
    [InlineData(0)] // MIDR_EL1 and its like don't trap
    [InlineData(8)]
    [InlineData(15)]
    public void WhereThereIsNoIdRegisterIsZero(int crm)
    {
        for (int op2 = 0; op2 < 8; op2++) Assert.Equal(0ul, Read(3, 0, 0, crm, op2));
    }

    [Theory]
    [InlineData(2, 0, 0, 0, 5)]   // DBGBCR0_EL1
    [InlineData(2, 0, 1, 0, 4)]   // OSLAR_EL1
    [InlineData(3, 0, 1, 0, 1)]   // ACTLR_EL1
    [InlineData(3, 0, 12, 11, 6)] // ICC_ASGI1R_EL1
    [InlineData(3, 0, 12, 11, 7)] // ICC_SGI0R_EL1
    public void SomeAreThereAndEmpty(int op0, int op1, int crn, int crm, int op2)
    {
        Assert.Equal(0ul, Read(op0, op1, crn, crm, op2));
        Hypercall.VcpuSet(Hypercall.Vm, 2, (VcpuRegister)9, 5);
        Assert.True(Complete(SystemRegister(op0, op1, crn, crm, op2, write: true)));
        Assert.Equal((5ul, Pc + 4), (Get((VcpuRegister)9), Get(VcpuRegister.Pc)));
    }

    [Theory]
    [InlineData(0x3C5, 0x200)] // EL1h
    [InlineData(0x005, 0x200)]
    [InlineData(0x3C4, 0x000)] // EL1t
    [InlineData(0x000, 0x400)] // EL0
    [InlineData(0x010, 0x600)] // EL0, AArch32
    [InlineData(0x6000_0230, 0x600)]
    public void WhatAGuestMayNotHaveIsUndefined(ulong pstate, ulong vector)
    {
        ulong[] traps =
        [
            SystemRegister(3, 4, 1, 1, 0, write: false), // HCR_EL2
            SystemRegister(3, 3, 9, 12, 0, write: true), // PMCR_EL0
            SystemRegister(3, 0, 12, 11, 5, write: true), // ICC_SGI1R_EL1 is the hypervisor's
            0x6600_0000, // SVE
            0x0200_0000,
        ];
        foreach (ulong trap in traps)
        {
            Hypercall.Reset();
            Hypercall.VcpuSet(Hypercall.Vm, 2, VcpuRegister.Pstate, pstate);
            Hypercall.VcpuSet(Hypercall.Vm, 2, VcpuRegister.VbarEl1, 0xFFFF_8000_0000_0800);
            Assert.False(Complete(trap));
            Assert.Equal((0xFFFF_8000_0000_0800 + vector, 0x3C5ul), (Get(VcpuRegister.Pc), Get(VcpuRegister.Pstate)));
            Assert.Equal((Pc, pstate, 0x0200_0000ul), (Get(VcpuRegister.ElrEl1), Get(VcpuRegister.SpsrEl1), Get(VcpuRegister.EsrEl1)));
            Assert.DoesNotContain(Hypercall.Touched(2), register => register <= VcpuRegister.X30);
        }
    }

    /// <summary>Any syndrome: carried out, or an exception, and never another register than the one that it names.</summary>
    [Fact]
    public void NoSyndromeReachesTooFar()
    {
        var random = new System.Random(3);
        for (int i = 0; i < 200_000; i++)
        {
            Hypercall.Reset();
            ulong trap = (uint)random.NextInt64();
            if (random.Next(2) == 0) trap = trap & 0x03FF_FFFF | 0x6000_0000;
            bool done = Complete(trap);
            Assert.Equal(done, Get(VcpuRegister.Pc) == Pc + 4);
            Assert.All(Hypercall.Touched(2).Where(r => r <= VcpuRegister.X30), r => Assert.Equal((ulong)r, trap >> 5 & 31));
        }
    }

    private static ulong Read(int op0, int op1, int crn, int crm, int op2)
    {
        Assert.True(Complete(SystemRegister(op0, op1, crn, crm, op2, write: false)));
        Assert.Equal(Pc + 4, Get(VcpuRegister.Pc));
        return Get((VcpuRegister)9);
    }

    private static bool Complete(ulong trap) => Instructions.TryComplete(Hypercall.Vm, 2, new Syndrome(trap), Pc);

    private static ulong Get(VcpuRegister register) => Hypercall.VcpuGet(Hypercall.Vm, 2, register);

    // [21:20] Op0 │ [19:17] Op2 │ [16:14] Op1 │ [13:10] CRn │ [9:5] Rt = x9 │ [4:1] CRm │ [0] read
    private static ulong SystemRegister(int op0, int op1, int crn, int crm, int op2, bool write) =>
        0x6200_0000 | (uint)(op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | 9 << 5 | crm << 1) | (write ? 0u : 1);
}
