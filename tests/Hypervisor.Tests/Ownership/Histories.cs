using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// Random histories. Most arguments come from a few places, so that steps meet; some are the ones that a keeper would try who lies. FsCheck makes the
/// seed of each and shortens what fails: by halves first, then step by step.
/// </summary>
internal static class Histories
{
    private static readonly ulong[] s_hostile =
    [
        0, 1, 8, VmControl.MaxVms - 1, VmControl.MaxVms, VmControl.MaxVms + 1, 0x800, 0xFFF, FakeHandset.Memory, FakeHandset.Memory + 0x1_0000, FakeHandset.Memory + FakeHandset.OwnBytes - 0x1000, FakeHandset.Memory - 0x1000,
        OwnershipHandset.End - 0x1000, OwnershipHandset.End, OwnershipHandset.SecondBank - 0x1000, OwnershipHandset.SecondBankEnd - 0x1000, OwnershipHandset.SecondBankEnd,
        0x0800_0000, 0x0900_0000, OwnershipHandset.Gicd, OwnershipHandset.Gicr, OwnershipHandset.Gicr - 0x1000, OwnershipHandset.Hot + 8, OwnershipHandset.Hot + 0x800, OwnershipHandset.Hot | 1ul << 52, OwnershipHandset.Hot | 1ul << 63,
        0x7F_FFFF_F000, 0x80_0000_0000, 0x7FF_FFFF, 0x800_0000, 0x800_0001, 1ul << 52, 1ul << 52 | 1, (1ul << 52) - 1, 1ul << 32, 1ul << 32 | 1, 1ul << 63, ulong.MaxValue,
        ulong.MaxValue - 0xFFF, 0xFFFF_FFFF_C000_0000, unchecked(0 - OwnershipHandset.Hot), 0x000F_FFFF_FFFB_FF00,
    ];

    public static Arbitrary<Step[]> Of(Func<Random, Step> step, int length) =>
        Arb.From(Gen.Choose(0, int.MaxValue).Select(seed => Make(seed, step, length)), Shorter);

    /// <summary>Calls and stores; wrong ones among them. Nothing of it makes an interrupt.</summary>
    public static Step MemoryStep(Random random)
    {
        uint core = (uint)random.Next(OwnershipHandset.Cores);
        ulong vm = random.Next(17) == 0 ? Hostile(random) : (ulong)random.Next(1, 4), vcpu = random.Next(24) == 0 ? Hostile(random) : (ulong)random.Next(2);
        return random.Next(64) switch
        {
            0 => Step.Call(core, HvcFunction.VmCreate, Address(random), random.Next(12) == 0 ? Hostile(random) : (ulong)random.Next(5, 11), random.Next(12) == 0 ? Hostile(random) : (ulong)random.Next(1, 3)),
            < 4 => Step.Call(core, HvcFunction.VmCreate, OwnershipHandset.Hot + (ulong)random.Next(4) * 10 * OwnershipHandset.Page, (ulong)random.Next(8, 11), (ulong)random.Next(1, 3)),
            4 => Step.Call(core, random.Next(2) == 0 ? HvcFunction.VmReclaim : HvcFunction.VmDestroy, vm, Address(random), Count(random)),
            < 12 => new Step(core, StepKind.Bury, (ulong)random.Next(4), (ulong)random.Next(17)),
            < 20 => Step.Call(core, HvcFunction.VmLend, vm, Address(random), GuestAddress(random) | (random.Next(3) == 0 ? 1u : 0), Count(random)),
            < 24 => Step.Call(core, HvcFunction.VcpuStart, vm, vcpu, OwnershipHandset.Guest, 0),
            < 39 => Step.Call(core, HvcFunction.VcpuRun, vm, vcpu, 0, (ulong)random.Next(2)),
            39 => random.Next(2) == 0 ? Step.Call(core, HvcFunction.PageState, Address(random)) : Step.Call(core, HvcFunction.VcpuStop, vm, vcpu),
            40 => Step.Call(core, (HvcFunction)((uint)HvcFunction.Version + random.Next(17)), vm, vcpu, random.Next(2) == 0 ? Hostile(random) : (ulong)random.Next(4), (ulong)random.Next(4)),
            41 => new Step(core, StepKind.Smc, (ulong)HvcFunction.VmLend, vm, Address(random), GuestAddress(random), Count(random)),
            42 => new Step(core, StepKind.Hvc, (random.Next(2) == 0 ? 0x8400_0000u : 0xC400_0000u) + (uint)random.Next(20), vcpu, OwnershipHandset.Guest),
            < 46 => new Step(core, StepKind.KeeperStore, Address(random)),
            < 59 => new Step(core, StepKind.GuestStore, OwnershipHandset.Guest + (ulong)random.Next(random.Next(4) == 0 ? 1 << 22 : 8 << 12)),
            < 61 => new Step(core, StepKind.GuestWait),
            _ => new Step(core, StepKind.GuestExit),
        };
    }

    /// <summary>The same of a keeper that tries everything else, too, and of guests that do: any arguments, interrupts, the virtual interrupt controller, whatever traps.</summary>
    public static Step HostileStep(Random random)
    {
        uint core = (uint)random.Next(OwnershipHandset.Cores);
        ulong vm = random.Next(8) == 0 ? Any(random) : (ulong)random.Next(1, 4);
        return random.Next(40) switch
        {
            < 24 => MemoryStep(random),
            < 28 => new Step(core, StepKind.Hvc, Function(random), vm, Any(random), Any(random), Any(random)),
            28 => new Step(core, StepKind.Smc, Function(random), Any(random), Any(random), Any(random), Any(random)),
            29 => Step.Call(core, HvcFunction.Establish, FakeHandset.Memory + (ulong)random.Next(1 << 19) * 8, Any(random)),
            30 => Step.Call(core, HvcFunction.VmSetInterrupt, vm, (ulong)random.Next(30, 98), (ulong)random.Next(3)),
            31 => Step.Call(core, HvcFunction.VcpuBind, vm, (ulong)random.Next(3), (ulong)random.Next(OwnershipHandset.Cores + 1)),
            32 => new Step(core, StepKind.Interrupt, (ulong)random.Next(random.Next(4) == 0 ? 1024 : 96)),
            33 or 34 => new Step(core, StepKind.GicAccess, GicOffset(random), random.Next(4) == 0 ? Any(random) : ulong.MaxValue >> random.Next(64), (ulong)random.Next(8)),
            35 or 36 => new Step(core, StepKind.TakeInterrupt, (ulong)random.Next(2)),
            37 => new Step(core, StepKind.GuestTrap, Syndrome(random)),
            _ => new Step(core, StepKind.KeeperStore, Any(random)),
        };
    }

    private static ulong Function(Random random) => random.Next(8) switch
    {
        0 => (ulong)random.NextInt64(),
        1 => 0x8400_0000u | (uint)random.Next(2) << 30 | (uint)random.Next(0x24),
        2 => 0xFFFF_FFFFul << 32 | (uint)HvcFunction.Version + (uint)random.Next(17),
        _ => (uint)HvcFunction.Version + (uint)random.Next(17),
    };

    private static ulong Any(Random random) => random.Next(6) switch
    {
        0 => (ulong)random.NextInt64() << random.Next(2),
        1 => (ulong)random.Next(1, 4),
        2 => Address(random),
        3 => GuestAddress(random),
        _ => Hostile(random),
    };

    // Registers of the distributor, of redistributors' frames, or anywhere.
    private static ulong GicOffset(Random random) => random.Next(4) switch
    {
        0 => (ulong)random.Next(1 << 24),
        1 => (ulong)random.Next(0x1000 / 4) * 4,
        2 => 0xA_0000 + (ulong)random.Next(8) * 0x1_0000 + (ulong)random.Next(0x1000 / 4) * 4,
        _ => 0x6000 + (ulong)random.Next(0x400 / 8) * 8,
    };

    // Of what guests can trap by: unknown reason, a system register, an abort of an instruction or of data, SError. Calls are steps of their own.
    private static ulong Syndrome(Random random)
    {
        uint[] classes = [0x00, 0x07, 0x18, 0x18, 0x18, 0x20, 0x24, 0x2F, 0x3C];
        return (ulong)classes[random.Next(classes.Length)] << 26 | (uint)random.Next(1 << 26);
    }

    private static ulong Hostile(Random random) => s_hostile[random.Next(s_hostile.Length)];

    private static ulong Address(Random random) => random.Next(32) switch
    {
        0 => Hostile(random),
        1 => OwnershipHandset.SecondBank + (ulong)random.Next(17) * OwnershipHandset.Page,
        2 or 3 => OwnershipHandset.AlignedBlock + (random.Next(2) == 0 ? 0 : (ulong)random.Next(512) * OwnershipHandset.Page),
        _ => OwnershipHandset.Hot + (ulong)random.Next(OwnershipHandset.HotPages) * OwnershipHandset.Page,
    };

    private static ulong GuestAddress(Random random) => random.Next(24) switch
    {
        0 => Hostile(random),
        < 4 => OwnershipHandset.Guest + (ulong)random.Next(3) * OwnershipHandset.Block,
        _ => OwnershipHandset.Guest + (ulong)random.Next(8) * OwnershipHandset.Page,
    };

    private static ulong Count(Random random) => random.Next(64) switch
    {
        0 or 1 => Hostile(random),
        2 => 512,
        3 => (ulong)random.Next(500, 1100),
        < 16 => (ulong)random.Next(2, 9),
        _ => 1,
    };

    private static Step[] Make(int seed, Func<Random, Step> step, int length)
    {
        Random random = new(seed);
        Step[] steps = new Step[length];
        for (int i = 0; i < length; i++) steps[i] = step(random);
        return steps;
    }

    private static IEnumerable<Step[]> Shorter(Step[] steps)
    {
        for (int part = steps.Length / 2; part > 0; part /= 2)
            for (int at = 0; at + part <= steps.Length; at += part)
                yield return [.. steps[..at], .. steps[(at + part)..]];
        for (int i = 0; i < steps.Length; i++)
            if (steps[i].Core != 0) yield return [.. steps.Select((s, j) => i == j ? s with { Core = 0 } : s)];
    }
}
