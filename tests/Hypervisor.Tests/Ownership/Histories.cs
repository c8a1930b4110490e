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
        0, 1, 8, 0x800, 0xFFF, FakeHandset.Memory, FakeHandset.Memory + 0x1_0000, FakeHandset.Memory + FakeHandset.OwnBytes - 0x1000, FakeHandset.Memory - 0x1000,
        OwnershipHandset.End - 0x1000, OwnershipHandset.End, OwnershipHandset.SecondBank - 0x1000, OwnershipHandset.SecondBankEnd - 0x1000, OwnershipHandset.SecondBankEnd,
        0x0800_0000, 0x080A_0000, 0x0900_0000, OwnershipHandset.Hot + 8, OwnershipHandset.Hot + 0x800, OwnershipHandset.Hot | 1ul << 52, OwnershipHandset.Hot | 1ul << 63,
        0x7F_FFFF_F000, 0x80_0000_0000, 0x7FF_FFFF, 0x800_0000, 0x800_0001, 1ul << 52, 1ul << 52 | 1, (1ul << 52) - 1, 1ul << 32, 1ul << 32 | 1, 1ul << 63, ulong.MaxValue,
        ulong.MaxValue - 0xFFF, 0xFFFF_FFFF_C000_0000, unchecked(0 - OwnershipHandset.Hot), 0x000F_FFFF_FFFB_FF00,
    ];

    public static Arbitrary<Step[]> Of(Func<Random, Step> step, int length) =>
        Arb.From(Gen.Choose(0, int.MaxValue).Select(seed => Make(seed, step, length)), Shorter);

    /// <summary>Calls and stores; wrong ones among them. Nothing of it makes an interrupt.</summary>
    public static Step MemoryStep(Random random)
    {
        uint core = (uint)random.Next(OwnershipHandset.Cores);
        ulong vm = random.Next(16) == 0 ? Hostile(random) : (ulong)random.Next(1, 4), vcpu = random.Next(24) == 0 ? Hostile(random) : (ulong)random.Next(2);
        return random.Next(64) switch
        {
            0 => Step.Call(core, HvcFunction.VmCreate, Address(random), random.Next(12) == 0 ? Hostile(random) : (ulong)random.Next(5, 11), random.Next(12) == 0 ? Hostile(random) : (ulong)random.Next(1, 3)),
            < 4 => Step.Call(core, HvcFunction.VmCreate, OwnershipHandset.Hot + (ulong)random.Next(4) * 10 * OwnershipHandset.Page, (ulong)random.Next(8, 11), (ulong)random.Next(1, 3)),
            4 => Step.Call(core, random.Next(2) == 0 ? HvcFunction.VmReclaim : HvcFunction.VmDestroy, vm, Address(random), Count(random)),
            < 12 => new Step(core, StepKind.Bury, (ulong)random.Next(4), (ulong)random.Next(16)),
            < 20 => Step.Call(core, HvcFunction.VmLend, vm, Address(random), GuestAddress(random) | (random.Next(3) == 0 ? 1u : 0), Count(random)),
            < 24 => Step.Call(core, HvcFunction.VcpuStart, vm, vcpu, OwnershipHandset.Guest, 0),
            < 39 => Step.Call(core, HvcFunction.VcpuRun, vm, vcpu, 0, (ulong)random.Next(2)),
            39 => Step.Call(core, HvcFunction.PageState, Address(random)),
            40 => Step.Call(core, (HvcFunction)((uint)HvcFunction.Version + random.Next(16)), vm, vcpu, random.Next(2) == 0 ? Hostile(random) : (ulong)random.Next(4), (ulong)random.Next(4)),
            41 => new Step(core, StepKind.Smc, (ulong)HvcFunction.VmLend, vm, Address(random), GuestAddress(random), Count(random)),
            42 => new Step(core, StepKind.Hvc, (random.Next(2) == 0 ? 0x8400_0000u : 0xC400_0000u) + (uint)random.Next(20), vcpu, OwnershipHandset.Guest),
            < 46 => new Step(core, StepKind.KeeperStore, Address(random)),
            < 55 => new Step(core, StepKind.GuestStore, OwnershipHandset.Guest + (ulong)random.Next(random.Next(4) == 0 ? 1 << 22 : 8 << 12)),
            < 58 => new Step(core, StepKind.GuestWait),
            _ => new Step(core, StepKind.GuestExit),
        };
    }

    private static ulong Hostile(Random random) => s_hostile[random.Next(s_hostile.Length)];

    private static ulong Address(Random random) => random.Next(32) switch
    {
        0 => Hostile(random),
        1 => OwnershipHandset.SecondBank + (ulong)random.Next(16) * OwnershipHandset.Page,
        2 or 3 => OwnershipHandset.Blocks + (ulong)random.Next(3) * OwnershipHandset.Block + (random.Next(2) == 0 ? 0 : (ulong)random.Next(512) * OwnershipHandset.Page),
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
