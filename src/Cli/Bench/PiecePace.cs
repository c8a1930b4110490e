namespace Pocketvisor.Cli.Bench;

/// <summary>
/// How long a piece of work takes a guest that does the same again and again: the slope of the line through its times. A guest that shares its
/// core works in turns of some milliseconds, so that two of its times say less than all.
/// </summary>
public static class PiecePace
{
    /// <summary>Pieces at the start that don't count: not all guests have begun yet.</summary>
    public const int WarmUp = 20;

    /// <summary>Nanoseconds for each piece.</summary>
    /// <param name="times">When each was done.</param>
    public static double Of(IReadOnlyList<long> times)
    {
        var counted = times.Skip(WarmUp).ToList();
        double middle = (counted.Count - 1) / 2.0, mean = counted.Average(), slope = 0, spread = 0;
        foreach (var (index, time) in counted.Index())
        {
            slope += (index - middle) * (time - mean);
            spread += (index - middle) * (index - middle);
        }
        return slope / spread;
    }

    /// <summary>
    /// Guests that share a core, beside one alone: of two, each does its part of the work in a second, and together they should do what one does.
    /// </summary>
    /// <param name="alone">The times of the bare guest.</param>
    /// <param name="shared">Those of each guest that shares.</param>
    public static TaxRow Compare(IReadOnlyList<long> alone, IReadOnlyList<IReadOnlyList<long>> shared) =>
        new("a piece of work, two profiles on one core", Of(alone), 1 / shared.Sum(times => 1 / Of(times)), null);
}
