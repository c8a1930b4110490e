using System.Globalization;
using System.Text.RegularExpressions;

namespace Pocketvisor.Cli.Bench;

/// <summary>What the guest of <c>bench/Pace</c> measured of one round of its work, in ticks of its counter.</summary>
/// <param name="Number">Which round, from 0.</param>
/// <param name="From">When it began, by the guest's own clock.</param>
/// <param name="To">When it was done.</param>
/// <param name="Gaps">How often the core was somebody else's for more than a millisecond.</param>
/// <param name="Away">How long those units of work took during which it was.</param>
/// <param name="Interrupts">Of its timer.</param>
public sealed partial record PaceRound(int Number, long From, long To, long Gaps, long Away, long Interrupts)
{
    /// <summary>How long the round took.</summary>
    public long Elapsed => To - From;

    /// <summary>Reads every round that a console tells of, complete lines only.</summary>
    public static IReadOnlyList<PaceRound> ParseAll(string console) =>
        [.. Line().Matches(console).Select(match => new PaceRound((int)Ticks(match, 1), Ticks(match, 2), Ticks(match, 3), Ticks(match, 4), Ticks(match, 5), Ticks(match, 6)))];

    /// <summary>The sum over all the work, which must be the same wherever it was done.</summary>
    /// <exception cref="UserException">The console doesn't tell it.</exception>
    public static ulong ParseSum(string console) => Sum().Match(console) is { Success: true } match
        ? ulong.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
        : throw new UserException($"The guest Pace did not say its sum:{Environment.NewLine}{console[..Math.Min(console.Length, 500)]}");

    private static long Ticks(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"guest: pace: round (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)\r?\n")]
    private static partial Regex Line();

    [GeneratedRegex(@"guest: pace: sum (\d+)\r?\n")]
    private static partial Regex Sum();
}
