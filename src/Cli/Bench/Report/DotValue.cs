namespace Pocketvisor.Cli.Bench.Report;

/// <summary>A figure with its range over the rounds.</summary>
/// <param name="Middle">What counts.</param>
/// <param name="Low">The least.</param>
/// <param name="High">The greatest.</param>
public readonly record struct DotValue(double Middle, double Low, double High)
{
    /// <summary>One that was measured once, or exactly.</summary>
    public static DotValue Exactly(double value) => new(value, value, value);

    /// <summary>The median of some rounds, and the extremes.</summary>
    public static DotValue Of(IReadOnlyCollection<double> rounds) => new(Measurement.Median(rounds), rounds.Min(), rounds.Max());
}
