using System;
using System.Globalization;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Handsets.Tests;

/// <summary>
/// A tight loop on every vCPU of one profile leaves the other its share. QEMU counts instructions (2 ns each on every clock of the
/// handset), so the figures are the same on a slow machine.
/// </summary>
public sealed class FairnessTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ABusyNeighbourTakesHalfAtMost(int cores)
    {
        await using var handset = await Boots.StartAsync(cores, [.. Boots.Debian("personal", cores), .. Boots.Guest("work", "Spin", cores: cores)], instructionShift: 1);
        await handset.ShellAsync("personal");
        double alone = await WorkAsync(handset, cores);

        await handset.StartAsync("work");
        await handset.Console("work").WaitForAsync($"guest: spin: cores {cores}", Boots.Patience);
        var (mine, its) = (await handset.StatusAsync("personal"), await handset.StatusAsync("work"));
        double beside = await WorkAsync(handset, cores);
        var (mineAfter, itsAfter) = (await handset.StatusAsync("personal"), await handset.StatusAsync("work"));
        double share = (mineAfter.CpuTime - mine.CpuTime) / (mineAfter.CpuTime - mine.CpuTime + (itsAfter.CpuTime - its.CpuTime));
        output.WriteLine($"{cores} cores: {alone:0.00} s alone, {beside:0.00} s beside, {beside / alone:0.00} times as long; share of the processors {share:0.00}");

        // Half of the processors: twice as long. Some of it for switching, timer ticks, and the shell's own waiting.
        Assert.InRange(beside / alone, 1.0, 2.8);
        Assert.InRange(share, 0.38, 0.62);
    }

    // Seconds on the profile's own clock, for the same loop on each of its cores.
    private static async Task<double> WorkAsync(Handset handset, int cores)
    {
        string loop = $"(i=0; while [ $i -lt {40_000 / cores} ]; do i=$((i+1)); done)";
        string all = string.Concat(System.Linq.Enumerable.Repeat($"{loop} & ", cores));
        string said = await handset.AskAsync("personal", $"a=$(cut -d' ' -f1 /proc/uptime); {all} wait; b=$(cut -d' ' -f1 /proc/uptime); echo $a $b", TimeSpan.FromSeconds(180));
        string[] times = said.Split('\n')[^1].Split(' ');
        return double.Parse(times[1], CultureInfo.InvariantCulture) - double.Parse(times[0], CultureInfo.InvariantCulture);
    }
}
