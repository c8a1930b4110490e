using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Bench;

/// <summary>What the guest of <c>bench/Pace</c> says, as it says it.</summary>
public static class PaceConsole
{
    private const string RoundBegin = "guest: pace: round", SumBegin = "guest: pace: sum ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Waits until it runs.</summary>
    public static Task ReadyAsync(this ProfileConsole console, CancellationToken cancellation) => console.WaitForAsync("guest: pace: ready", Patience, cancellation);

    /// <summary>Waits until its work is done.</summary>
    /// <returns>Its rounds, and the sum over all the work.</returns>
    public static async Task<(IReadOnlyList<PaceRound> Rounds, ulong Sum)> EndAsync(this ProfileConsole console, CancellationToken cancellation)
    {
        await console.WaitForAsync(SumBegin, Patience, cancellation);
        await console.WaitForAsync("\n", Patience, cancellation);
        return (PaceRound.ParseAll(console.Text), PaceRound.ParseSum(console.Text));
    }

    /// <summary>Waits until it disturbs.</summary>
    public static Task DisturbsAsync(this ProfileConsole console, CancellationToken cancellation) => console.WaitForAsync("guest: pace: disturbs", Patience, cancellation);

    /// <summary>The next rounds of one whose rounds have no end.</summary>
    /// <param name="console">Its console.</param>
    /// <param name="skip">Rounds that don't count: what goes on has begun in the middle of one.</param>
    /// <param name="count">Rounds that do.</param>
    /// <param name="between">Is called when the first of them begins.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<IReadOnlyList<PaceRound>> RoundsAsync(this ProfileConsole console, int skip, int count, Action between, CancellationToken cancellation)
    {
        console.SkipToEnd();
        List<PaceRound> rounds = [];
        while (rounds.Count < count)
        {
            // What comes first may be the rest of a line.
            await console.WaitForAsync(RoundBegin, Patience, cancellation);
            var line = RoundBegin + await console.WaitForAsync("\n", Patience, cancellation);
            if (skip-- > 0)
            {
                if (skip == 0)
                    between();
                continue;
            }
            rounds.AddRange(PaceRound.ParseAll(line));
        }
        return rounds;
    }
}
