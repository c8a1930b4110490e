using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace Pocketvisor.Fuzz.Tests;

/// <summary>What fuzzing begins with, and what it once found, on each run of the tests. `pocket fuzz` looks for more.</summary>
public sealed class ReplayTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    public static TheoryData<string> All => [.. TargetNames.All.Select(target => target.Name)];

    public static TheoryData<string, string, string> Crashers
    {
        get
        {
            TheoryData<string, string, string> all = [];
            foreach ((string name, _) in TargetNames.All)
                foreach ((string what, string input) in Kept(name)) all.Add(name, what, input);
            return all;
        }
    }

    [Fact]
    public void TheCommandLineKnowsEveryTarget() => Assert.Equal(Targets.Names.Order(), TargetNames.All.Select(target => target.Name).Order());

    [Theory]
    [MemberData(nameof(All))]
    public async Task SeedsFindNothing(string name)
    {
        IFuzzTarget target = Targets.Create(name);
        byte[][] seeds = [.. target.Seeds];
        Assert.NotEmpty(seeds);
        await Within(() =>
        {
            foreach (byte[] seed in seeds) target.Run(seed);
        });
    }

    /// <summary>Each seed cut off everywhere, and with bits flipped: what a fuzzer does first.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public async Task NeighboursOfSeedsFindNothing(string name)
    {
        IFuzzTarget target = Targets.Create(name);
        Random random = new(1);
        await Within(() =>
        {
            foreach (byte[] seed in target.Seeds)
            {
                for (int i = 0; i < 20; i++)
                {
                    byte[] changed = seed[..random.Next(seed.Length + 1)];
                    for (int flips = random.Next(4); flips > 0 && changed.Length != 0; flips--) changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                    target.Run(changed);
                }
            }
        });
    }

    [Theory]
    [MemberData(nameof(Crashers))]
    public async Task WhatWasFoundIsMended(string name, string what, string input)
    {
        Assert.NotEmpty(what);
        await Within(() => Targets.Create(name).Run(Convert.FromBase64String(input)));
    }

    // Two lines for each: what it was, behind a #, and the input in base 64.
    private static IEnumerable<(string What, string Input)> Kept(string name)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Crashers", name + ".txt");
        if (!File.Exists(file)) yield break;
        string what = "";
        foreach (string line in File.ReadLines(file))
        {
            if (line.StartsWith('#')) what = line[1..].Trim();
            else if (line.Length != 0) yield return (what, line);
        }
    }

    private static Task Within(Action action) => Task.Run(action).WaitAsync(Hang);
}
