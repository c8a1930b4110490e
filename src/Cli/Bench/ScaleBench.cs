using Pocketvisor.Cli.Host;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// 1 to 16 small profiles that work at the same time on a handset with one core, against the same work without Pocketvisor, in counted
/// instructions.
/// </summary>
public static class ScaleBench
{
    /// <summary>Numbers of profiles.</summary>
    public static readonly int[] Counts = [1, 2, 4, 8, 16];

    // 0.4 s of work, at 100 Hz. All are up by the third second of the first.
    private const long Units = 40_000;
    private const double Begin = 3, Work = 0.4, Margin = 1.5;

    /// <summary>Measures.</summary>
    public static async Task<IReadOnlyList<ScalePoint>> RunAsync(Repository repository, Action<string> report, CancellationToken cancellation)
    {
        report("one, without Pocketvisor");
        await using var alone = BarePace.Start(repository, WorkOf(1), cores: 1, PaceWork.InstructionShift);
        var (bare, sum) = await alone.Console.EndAsync(cancellation);
        await alone.DisposeAsync();
        List<ScalePoint> points = [];
        foreach (var count in Counts)
        {
            report($"{count} profiles");
            points.Add(await MeasureAsync(repository, count, bare.Single(), sum, cancellation));
        }
        return points;
    }

    private static PaceWork WorkOf(int count) => new() { Units = Units, Begin = PaceWork.Ticks(Begin), Say = PaceWork.Ticks(Begin + Margin * count * Work + 1) };

    private static async Task<ScalePoint> MeasureAsync(Repository repository, int count, PaceRound bare, ulong sum, CancellationToken cancellation)
    {
        PaceProfile[] profiles = [.. Enumerable.Range(1, count).Select(i => new PaceProfile($"p{i}", WorkOf(count)))];
        await using var handset = await PaceHandset.StartAsync(repository, profiles, cores: 1, new MemorySize(1L << 30), PaceWork.InstructionShift, cancellation);
        List<PaceRound> rounds = [];
        foreach (var profile in profiles)
        {
            var (said, itsSum) = await handset.Handset.Console(profile.Name).EndAsync(cancellation);
            rounds.Add(itsSum == sum ? said.Single() : throw new UserException($"{profile.Name}, one of {count} profiles, computed another sum than without Pocketvisor: that must not be."));
        }
        var list = await handset.Handset.ListAsync(cancellation);
        var origins = profiles.Select(profile => list.Now - list.Profiles.Single(status => status.Name == profile.Name).Uptime).Select(span => span.TotalSeconds * PaceWork.TicksPerSecond);
        return ScalePoint.Of(bare, Units, [.. origins.Zip(rounds)], await MemoryBench.MeasureAsync(handset, cancellation));
    }
}
