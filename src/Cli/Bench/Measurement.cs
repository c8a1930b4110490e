namespace Pocketvisor.Cli.Bench;

/// <summary>One quantity, measured in turns on both sides.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">The unit of its numbers.</param>
/// <param name="LessIsBetter">Whether small numbers are good ones: times are, throughputs aren't.</param>
/// <param name="Goal">The ratio that a profile shall reach; null if there is no promise.</param>
public sealed record Measurement(string Name, string Unit, bool LessIsBetter = false, double? Goal = null)
{
    private readonly List<double> _bare = [], _profile = [];

    /// <summary>The bare guest's numbers, by round.</summary>
    public IReadOnlyList<double> Bare => _bare;

    /// <summary>The profile's numbers, by round.</summary>
    public IReadOnlyList<double> Profile => _profile;

    /// <summary>
    /// How good the profile is, for each round: 1 is as good as bare, less is worse, for times too. Both numbers of a round were measured
    /// within seconds, so that what else the machine did hardly matters.
    /// </summary>
    public IReadOnlyList<double> Ratios => [.. _bare.Zip(_profile, (bare, profile) => LessIsBetter ? bare / profile : profile / bare)];

    /// <summary>The ratio that counts: the median.</summary>
    public double Ratio => Median(Ratios);

    /// <summary>Whether what was promised was reached; null if nothing was.</summary>
    public bool? Reached => Goal is { } goal ? Ratio >= goal : null;

    /// <summary>Adds a number.</summary>
    public void Add(BenchSide side, double value) => (side == BenchSide.Bare ? _bare : _profile).Add(value);

    /// <summary>The middle of some numbers; between the two in the middle if their count is even.</summary>
    public static double Median(IReadOnlyCollection<double> numbers)
    {
        var sorted = numbers.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
