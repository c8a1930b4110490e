namespace Pocketvisor.Cli.Bench;

/// <summary>Who measures first. It changes from round to round, so that what comes first or last favours nobody.</summary>
public static class BenchTurns
{
    /// <summary>Both sides in the order of a round.</summary>
    public static IReadOnlyList<BenchSide> Of(int round) => round % 2 == 0 ? [BenchSide.Bare, BenchSide.Profile] : [BenchSide.Profile, BenchSide.Bare];
}
