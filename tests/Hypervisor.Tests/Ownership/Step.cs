using System;
using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

internal enum StepKind : byte
{
    /// <summary>HVC of whoever the core runs, keeper or guest: A the function, B to E x1 to x4.</summary>
    Hvc,

    /// <summary>The same by SMC.</summary>
    Smc,

    /// <summary>If the keeper runs here, it goes on with the end of a VM that has ended, the A-th: takes back the pages around the B-th lent one, or destroys it.</summary>
    Bury,

    /// <summary>If the keeper runs here, it stores to A.</summary>
    KeeperStore,

    /// <summary>If a guest runs here, it stores to its address A.</summary>
    GuestStore,

    /// <summary>If a guest runs here, it reads a device's register that the keeper emulates.</summary>
    GuestExit,

    /// <summary>If a guest runs here, it waits for an interrupt.</summary>
    GuestWait,

    /// <summary>A physical interrupt A arrives.</summary>
    Interrupt,

    /// <summary>Whoever runs accesses its interrupt controller: A the offset, B the value, C [2] writes, [1:0] log2 of the size.</summary>
    GicAccess,

    /// <summary>If a guest runs here, it executes the instruction that traps with syndrome A.</summary>
    GuestTrap,

    /// <summary>Whoever runs takes and ends what the interrupt controller has for it.</summary>
    TakeInterrupt,
}

/// <summary>What one core does next. Any step means something, or nothing, in any state: so any part of a history is one, and histories can shrink.</summary>
internal readonly record struct Step(uint Core, StepKind Kind, ulong A = 0, ulong B = 0, ulong C = 0, ulong D = 0, ulong E = 0)
{
    public static Step Call(uint core, HvcFunction function, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0) =>
        new(core, StepKind.Hvc, (ulong)function, a, b, c, d);

    public override string ToString() => Kind is StepKind.Hvc or StepKind.Smc
        ? $"core {Core}: {Kind} {((HvcFunction)A is var f && Enum.IsDefined(f) && A <= uint.MaxValue ? f : $"{A:x}")}({B:x}, {C:x}, {D:x}, {E:x})"
        : $"core {Core}: {Kind}({A:x}, {B:x}, {C:x})";
}
