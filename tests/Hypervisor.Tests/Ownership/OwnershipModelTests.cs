using System;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// Who owns which page, against a reference model, through histories of hypercalls from the keepers and guests of three cores. How many steps in all,
/// POCKET_OWNERSHIP_STEPS says.
/// </summary>
public sealed class OwnershipModelTests(ITestOutputHelper output)
{
    private const int Length = 500;

    private static long Steps => long.TryParse(Environment.GetEnvironmentVariable("POCKET_OWNERSHIP_STEPS"), out long steps) ? steps : 500_000;

    [Fact]
    public void EveryHistoryIsTheModels()
    {
        long entries = 0, successes = 0, stores = 0, panics = 0;
        Prop.ForAll(Histories.Of(Histories.MemoryStep, Length), steps =>
        {
            Harness harness = OwnershipHandset.Start();
            foreach (Step step in steps) harness.Run(step);
            entries += harness.Entries;
            successes += harness.Successes;
            stores += harness.Stores;
            panics += harness.Panics;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest((int)(Steps / Length)));
        output.WriteLine($"{Steps} steps: {entries} times into a guest, {successes} calls granted, {stores} stores of guests, {panics} that the keeper may not make");
        Assert.True(entries > Steps / 200 && successes > Steps / 20 && stores > Steps / 1000 && panics > Steps / 2000, $"{entries} {successes} {stores} {panics}");
    }
}
