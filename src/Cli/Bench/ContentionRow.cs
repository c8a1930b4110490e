namespace Pocketvisor.Cli.Bench;

/// <summary>What a neighbour costs a profile.</summary>
/// <param name="Neighbour">What the neighbour does.</param>
/// <param name="Weight">The neighbour's weight; the profile's is 100.</param>
/// <param name="Share">The part of a core that the profile is entitled to.</param>
/// <param name="Alone">Seconds that a round of its work takes without the neighbour, for each turn.</param>
/// <param name="Beside">Seconds that it takes beside it.</param>
public sealed record ContentionRow(string Neighbour, int Weight, double Share, IReadOnlyList<double> Alone, IReadOnlyList<double> Beside)
{
    /// <summary>For each turn, how much longer the work took than the profile's share explains; 0.01 is one percent.</summary>
    public IReadOnlyList<double> Taxes => [.. Alone.Zip(Beside, (alone, beside) => beside * Share / alone - 1)];

    /// <summary>The one in the middle.</summary>
    public double Tax => Measurement.Median(Taxes);
}
