using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// Every sequence of steps up to a length, on two cores of a small handset: the keeper and two guests, and four pages that all of them want. A VM's control pages
/// are never fewer than five, so there are some more pages around those four, to be donated together with the first, the second or the last of them:
/// <code>
///   ┌───────────── A ─────────────┐
///   c    c    c    c    c    P0   P1   P2   P3   c    c    c    c    c    -    -
///                                           └───────────── B ─────────────┘
/// </code>
/// Histories that lead to the same machine, word for word, go on the same way, so each machine goes on once: 8 of 42 steps, 9.7e12 sequences, lead to 207,450
/// machines by 2,644,152 steps that are really taken, in some 20 seconds of one core. POCKET_OWNERSHIP_DEPTH says another length.
/// </summary>
public sealed class EveryShortHistoryTests(ITestOutputHelper output)
{
    private static int Depth => int.TryParse(Environment.GetEnvironmentVariable("POCKET_OWNERSHIP_DEPTH"), out int depth) ? depth : 8;

    private const ulong Page = 0x1000, Start = FakeHandset.Memory + FakeHandset.OwnBytes, Guest = VirtualHandset.Ram;
    private const int Pages = 16;
    private const ulong A = Start, P0 = Start + 5 * Page, P1 = P0 + Page, P2 = P1 + Page, P3 = P2 + Page, B = P3;

    [Fact]
    public void KeepsEveryPromise()
    {
        Step[] steps = [.. Steps()];
        Harness harness = StartHandset();
        HashSet<UInt128> seen = [];
        List<(ulong[] Machine, ReferenceModel Model)> level = [([.. Snapshot.Take()], harness.Model)];
        seen.Add(Digest(level[0].Machine));
        long taken = 0;
        for (int depth = 1; depth <= Depth && level.Count > 0; depth++)
        {
            List<(ulong[] Machine, ReferenceModel Model)> next = [];
            foreach (var (machine, model) in level)
            {
                Snapshot.Put(machine);
                foreach (Step step in steps)
                {
                    harness.Model = model.Clone();
                    harness.Run(step);
                    FakeHandset.ForgetArguments();
                    taken++;
                    ReadOnlySpan<ulong> after = Snapshot.Take();
                    if (after.SequenceEqual(machine)) continue;
                    if (seen.Add(Digest(after)) && depth < Depth) next.Add(([.. after], harness.Model));
                    Snapshot.Put(machine);
                }
            }
            output.WriteLine($"{depth}: {taken} steps, {seen.Count} machines");
            level = next;
        }
        output.WriteLine($"{steps.Length} kinds of step, {Math.Pow(steps.Length, Depth):g3} sequences, {harness.Entries} times into a guest, {harness.Stores} stores of guests");
    }

    private static IEnumerable<Step> Steps()
    {
        yield return Step.Call(0, HvcFunction.VmCreate, A, 6, 1);
        yield return Step.Call(0, HvcFunction.VmCreate, A, 7, 1);
        yield return Step.Call(0, HvcFunction.VmCreate, B, 6, 1);
        foreach (ulong vm in (ulong[])[1, 2])
        {
            yield return Step.Call(0, HvcFunction.VmDestroy, vm);
            yield return Step.Call(0, HvcFunction.VmLend, vm, P0, Guest, 1);
            yield return Step.Call(0, HvcFunction.VmLend, vm, P1, Guest, 1);
            yield return Step.Call(0, HvcFunction.VmLend, vm, P1, Guest, 2);
            yield return Step.Call(0, HvcFunction.VmLend, vm, P2, (Guest + Page) | VmControl.LendReadOnly, 1);
            yield return Step.Call(0, HvcFunction.VmLend, vm, P3, Guest + Page, 1);
            foreach (ulong page in (ulong[])[P0, P1, P2, P3]) yield return Step.Call(0, HvcFunction.VmReclaim, vm, page, 1);
            yield return Step.Call(0, HvcFunction.VmReclaim, vm, P1, 2);
            yield return Step.Call(0, HvcFunction.VcpuStart, vm, 0, Guest, 0);
            yield return Step.Call(0, HvcFunction.VcpuStop, vm, 0);
            yield return Step.Call(0, HvcFunction.VcpuRun, vm, 0);
            yield return Step.Call(1, HvcFunction.VcpuRun, vm, 0);
        }
        yield return Step.Call(1, HvcFunction.VmDestroy, 1);
        yield return Step.Call(1, HvcFunction.VmReclaim, 1, P1, 1);
        yield return new(0, StepKind.KeeperStore, P0);
        yield return new(0, StepKind.KeeperStore, P1);
        yield return new(0, StepKind.GuestStore, Guest);
        yield return new(0, StepKind.GuestStore, Guest + Page);
        yield return new(0, StepKind.GuestExit);
        yield return new(1, StepKind.GuestStore, Guest);
        yield return new(1, StepKind.GuestExit);
    }

    private static Harness StartHandset()
    {
        HandsetDescription handset = FakeHandset.Describe(2);
        handset.RangeCount--;
        handset.Ranges[HandsetDescription.FirstBank].End = Start + Pages * Page;
        FakeHandset.Start(handset, keeperTables: 4);
        ReferenceModel model = new(handset, FakeHandset.OwnBytes);
        PhysicalMemory.Zero(Start, Pages * Page);
        for (ulong page = Start; page < Start + Pages * Page; page += Page)
        {
            Marks.Store(page);
            model.Mark(page);
        }
        FakeHandset.ForgetArguments();
        return new(model, new Invariants(), new Agreement(model.Index(Start), Pages));
    }

    private static UInt128 Digest(ReadOnlySpan<ulong> words)
    {
        ulong a = 0x9E37_79B9_7F4A_7C15, b = 0xC2B2_AE3D_27D4_EB4F;
        foreach (ulong word in words)
        {
            a = Mix(a ^ word, 0x9FB2_1C65_1E98_DF25);
            b = Mix(b + word, 0xD6E8_FEB8_6659_FD93);
        }
        return new UInt128(a, b);
    }

    private static ulong Mix(ulong x, ulong by)
    {
        ulong high = Math.BigMul(x, by, out ulong low);
        return high ^ low ^ x >> 29;
    }
}
