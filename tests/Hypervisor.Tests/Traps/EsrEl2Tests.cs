using System;
using Pocketvisor.Hypervisor.Traps;
using Xunit;

namespace Pocketvisor.Hypervisor.Tests.Traps;

public sealed class EsrEl2Tests
{
    // ISS of a data abort: [24] ISV, [23:22] SAS, [21] SSE, [20:16] SRT, [15] SF, [6] WnR.
    private static EsrEl2 Load(int log2Size, bool signExtends, bool is64Bit) =>
        new(0x9300_0007 | (ulong)log2Size << 22 | (signExtends ? 1ul << 21 : 0) | (is64Bit ? 1ul << 15 : 0));

    public static TheoryData<int, bool, bool, ulong> Loads()
    {
        var data = new TheoryData<int, bool, bool, ulong>();
        ulong[] values = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue, 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210];
        for (int size = 0; size < 4; size++)
            foreach (bool signs in (bool[])[false, true])
                foreach (bool wide in (bool[])[false, true])
                    foreach (ulong value in values) data.Add(size, signs, wide, value);
        return data;
    }

    /// <summary>LDRB, LDRSB, LDRH, LDRSH, LDR, LDRSW, into W and X registers.</summary>
    [Theory]
    [MemberData(nameof(Loads))]
    public void ALoadLeavesWhatTheInstructionSays(int log2Size, bool signExtends, bool is64Bit, ulong value)
    {
        long loaded = (log2Size, signExtends) switch
        {
            (0, false) => (byte)value,
            (0, true) => (sbyte)value,
            (1, false) => (ushort)value,
            (1, true) => (short)value,
            (2, false) => (uint)value,
            (2, true) => (int)value,
            _ => (long)value,
        };
        Assert.Equal(is64Bit ? (ulong)loaded : (uint)loaded, Load(log2Size, signExtends, is64Bit).Extend(value));
    }

    [Fact]
    public void FieldsAreWhereTheManualHasThem()
    {
        for (int bit = 0; bit < 32; bit++)
        {
            var esr = new EsrEl2(1ul << bit);
            Assert.Equal(bit >= 26 ? 1u << (bit - 26) : 0, (uint)esr.Class);
            Assert.Equal(bit == 25 ? 4u : 2u, esr.InstructionLength);
            Assert.Equal(bit == 24, esr.IsDecoded);
            Assert.Equal(bit is 22 or 23 ? 1 << (bit - 22) : 0, esr.Log2Size);
            Assert.Equal(bit == 21, esr.SignExtends);
            Assert.Equal(bit is >= 16 and < 21 ? 1 << (bit - 16) : 0, esr.Register);
            Assert.Equal(bit == 15, esr.Is64Bit);
            Assert.Equal(bit == 8, esr.IsCacheMaintenance);
            Assert.Equal(bit == 6, esr.Writes);
            Assert.Equal(bit is >= 5 and < 10 ? 1 << (bit - 5) : 0, esr.SystemRegisterRt);
            Assert.Equal(bit == 0, esr.ReadsSystemRegister);
        }
    }

    [Fact]
    public void OnlyTranslationFaultsAreTranslationFaults()
    {
        for (uint code = 0; code < 64; code++) Assert.Equal(code is >= 4 and < 8, new EsrEl2(code).IsTranslationFault);
    }

    [Fact]
    public void BitsAboveThe32AreNoPartOfIt() => Assert.Equal(0x9300_0007u, new EsrEl2(0xABCD_0000_9300_0007).Bits);
}
