using System.Runtime.CompilerServices;
using System;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Traps;

/// <summary>
/// What guests learn of the processor: the handset's own answers, less each feature whose state we don't switch between guests
/// (EL2, SVE, pointer authentication keys, memory tags, performance counters, statistical profiling, …). Arm ARM, "ID_AA64*_EL1".
/// </summary>
internal static class IdRegisters
{
    // Index = CRm * 8 + op2.
    private const uint Pfr0 = 32, Pfr1 = 33, Dfr0 = 40, Isar0 = 48, Isar1 = 49, Mmfr0 = 56, Mmfr1 = 57, Mmfr2 = 58;
    private const uint AArch32 = 8, AArch32Dfr0 = 10, End = 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(uint index)
    {
        if (index is < AArch32 or >= End) return 0; // those with CRm 0 don't trap
        ulong value = Cpu.IdRegister((index & 0x38) << 4 | (index & 7) << 3);
        // No guest address has more than 39 bits; 40 is the nearest that PARange can say.
        if (index == Mmfr0) value = value & ~0xFul | Math.Min(value & 0xF, 2);
        return value & Visible(index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Visible(uint index) => index switch
    {
        Pfr0 => 0xFF0F_0000_0FFF_00FF,  // no EL2, EL3, RAS, SVE, secure EL2, MPAM, AMU
        Pfr1 => 0xFF,                   // BTI, SSBS
        Dfr0 => 0xF0F0_F00F,            // debug only: no trace, PMU, SPE
        Isar0 => 0xFFFF_FFFF_F0FF_FFFF, // no transactions
        Isar1 => 0x0FFF_FFFF_00FF_F00F, // no pointer authentication, no 64-byte stores
        Mmfr0 => 0x00FF_FFFF_FFFF_FFFF, // no ECV, no fine-grained traps
        Mmfr1 => 0x0000_00F0_FFF0_F0FF, // no VHE, LORegions, TWED, HCRX
        Mmfr2 => 0xF0FF_FFFF_F0FF_0FFF, // no nested virtualization, IESB, EVT
        AArch32Dfr0 => 0xF0FF_FFFF,     // no PMU
        < Pfr0 => ulong.MaxValue,
        _ => 0,
    };
}
