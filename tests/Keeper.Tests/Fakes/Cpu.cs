using System;

namespace Pocketvisor.Keeper.Machine;

/// <summary>The core that executes this.</summary>
public static class Cpu
{
    /// <summary>What its ID registers hold.</summary>
    public static Func<int, ulong> IdRegisters { get; set; } = _ => ulong.MaxValue;

    public static ulong IdRegister(int index) =>
        index is >= 8 and < 64 ? IdRegisters(index) : throw new ArgumentOutOfRangeException(nameof(index), index, "There is code for CRm 1 to 7 only.");
}
