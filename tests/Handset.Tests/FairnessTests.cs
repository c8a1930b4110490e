using System;
using System.Globalization;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Handsets.Tests;

/// <summary>A tight loop on every vCPU of one profile leaves the other its share.</summary>
public sealed class FairnessTests(ITestOutputHelper output)
{
    /// <summary>QEMU counts instructions (2 ns each on every clock of the handset), so the figures are the same on a slow machine.</summary>
    [Fact]
    public async Task ABusyNeighbourTakesHalfOfTheInstructions()
    {
        var (longer, share) = await MeasureAsync(cores: 1, instructionShift: 1);
        Assert.InRange(longer, 1.0, 2.8); // twice as long; some of it for switching and ticks
        Assert.InRange(share, 0.38, 0.62);
    }

    /// <summary>
    /// On two cores by the keeper's account of processor time. Not by counted instructions: QEMU then runs both cores on one thread, and one
    /// that waits for the other's lock burns its whole turn.
    /// </summary>
    [Fact]
    public async Task ABusyNeighbourOnTwoCoresTakesHalfOfThem()
    {
        var (_, share) = await MeasureAsync(cores: 2, instructionShift: null);
        Assert.InRange(share, 0.3, 0.7);
    }

    private async Task<(double Longer, double Share)> MeasureAsync(int cores, int? instructionShift)
    {
        await using var handset = await Boots.StartAsync(cores, [.. Boots.Debian("personal", cores), .. Boots.Guest("work", "Spin", cores: cores)], instructionShift);
        await handset.ShellAsync("personal");
        double alone = await WorkAsync(handset, cores);

        await handset.StartAsync("work");
        await handset.Console("work").WaitForAsync($"guest: spin: cores {cores}", Boots.Patience);
        var (mine, its) = (await handset.StatusAsync("personal"), await handset.StatusAsync("work"));
        double beside = await WorkAsync(handset, cores);
        var (mineAfter, itsAfter) = (await handset.StatusAsync("personal"), await handset.StatusAsync("work"));
        double share = (mineAfter.CpuTime - mine.CpuTime) / (mineAfter.CpuTime - mine.CpuTime + (itsAfter.CpuTime - its.CpuTime));
        output.WriteLine($"{cores} cores: {alone:0.00} s alone, {beside:0.00} s beside, {beside / alone:0.00} times as long; share of the processors {share:0.00}");
        return (beside / alone, share);
    }

    // Seconds on the profile's own clock, for the same loop on each of its cores.
    private static async Task<double> WorkAsync(Handset handset, int cores)
    {
        const string loop = "(i=0; while [ $i -lt 40000 ]; do i=$((i+1)); done)";
        string all = string.Concat(System.Linq.Enumerable.Repeat($"{loop} & ", cores));
        string said = await handset.AskAsync("personal", $"a=$(cut -d' ' -f1 /proc/uptime); {all} wait; b=$(cut -d' ' -f1 /proc/uptime); echo $a $b", TimeSpan.FromSeconds(180));
        string[] times = said.Split('\n')[^1].Split(' ');
        return double.Parse(times[1], CultureInfo.InvariantCulture) - double.Parse(times[0], CultureInfo.InvariantCulture);
    }
}
