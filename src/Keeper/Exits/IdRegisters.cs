using System;

namespace Pocketvisor.Keeper.Exits;

/// <summary>
/// What guests learn of the processor: the handset's own answers, less each feature whose state is not switched between guests
/// (EL2, SVE, pointer authentication keys, memory tags, performance counters, statistical profiling, …). Arm ARM, "ID_AA64*_EL1".
/// </summary>
public static class IdRegisters
{
    // Index = CRm * 8 + op2; those with CRm 0 don't trap.
    private const int First = 8, AArch32Dfr0 = 10, Pfr0 = 32, Mmfr0 = 56, End = 64;

    /// <summary>From ID_AA64PFR0_EL1 on, a bit for each 4-bit field that guests see.</summary>
    private static ReadOnlySpan<ushort> Fields =>
    [
        0b1101_0000_0111_0011, // PFR0: no EL2, EL3, RAS, SVE, secure EL2, MPAM, AMU
        0b0000_0000_0000_0011, // PFR1: BTI, SSBS
        0, 0, 0, 0, 0, 0,
        0b0000_0000_1010_1001, // DFR0: breakpoints, watchpoints, debug; no trace, PMU, SPE
        0, 0, 0, 0, 0, 0, 0,
        0b1111_1111_1011_1111, // ISAR0: no transactions
        0b0111_1111_0011_1001, // ISAR1: no pointer authentication, no 64-byte stores
        0, 0, 0, 0, 0, 0,
        0b0011_1111_1111_1111, // MMFR0: no ECV, no fine-grained traps
        0b0000_0010_1110_1011, // MMFR1: no VHE, LORegions, TWED, HCRX
        0b1011_1111_1011_0111, // MMFR2: no nested virtualization, IESB, EVT
        0, 0, 0, 0, 0,
    ];

    /// <summary>Whether the processor has a register of this index to read from; the others read as zero.</summary>
    public static bool Exists(int index) => index is >= First and < End;

    /// <summary>What a guest sees of the register's value on this core.</summary>
    public static ulong Restrict(int index, ulong value)
    {
        if (!Exists(index)) return 0;
        // No guest address has more than 39 bits; 40 is the nearest that PARange can say.
        if (index == Mmfr0) value = value & ~0xFul | Math.Min(value & 0xF, 2);
        uint fields = index >= Pfr0 ? Fields[index - Pfr0] : index == AArch32Dfr0 ? 0b1011_1111u : 0xFF; // no PMU
        for (int shift = 0; shift < 64; shift += 4, fields >>= 1)
            if ((fields & 1) == 0) value &= ~(0xFul << shift);
        return value;
    }
}
