using System.Globalization;
using System.Text.RegularExpressions;

namespace Pocketvisor.Cli.Bench;

/// <summary>What the guest in bench/Exits measured of one quantity.</summary>
/// <param name="Name">The quantity.</param>
/// <param name="Rounds">How often.</param>
/// <param name="Ticks">Of the counter, in sum.</param>
/// <param name="Empty">Those of the same loop without it.</param>
/// <param name="Constant">Instructions of each round that measure and aren't measured.</param>
/// <param name="Frequency">Ticks in a second.</param>
public sealed partial record ExitCount(string Name, long Rounds, long Ticks, long Empty, long Constant, long Frequency)
{
    /// <summary>Each instruction takes 2 ns: see <see cref="Pocketvisor.Handsets.HandsetOptions.InstructionShift"/>.</summary>
    public const int InstructionShift = 1;

    /// <summary>Of the counter, which QEMU runs at 62.5 MHz.</summary>
    public const int InstructionsPerTick = 16 >> InstructionShift;

    private const double InstructionsPerSecond = 1e9 / (1 << InstructionShift);

    /// <summary>The mean, in instructions.</summary>
    public double Instructions => (Ticks - Empty) * (InstructionsPerSecond / Frequency) / Rounds - Constant;

    /// <summary>Reads what the guest said, by name. Others may have said something between.</summary>
    /// <exception cref="UserException">It didn't say its counter's frequency first, or nothing after.</exception>
    public static IReadOnlyDictionary<string, ExitCount> Parse(string text)
    {
        var frequency = FrequencyLine().Match(text) is { Success: true } first ? Number(first.Groups[1]) : 0;
        var counts = Line().Matches(text).Select(match =>
            new ExitCount(match.Groups[1].Value, Number(match.Groups[2]), Number(match.Groups[3]), Number(match.Groups[4]), Number(match.Groups[5]), frequency)).ToList();
        return frequency > 0 && counts.Count > 0 && counts.All(count => count.Rounds > 0)
            ? counts.ToDictionary(count => count.Name)
            : throw new UserException($"The guest that measures exits said something else than its figures:{Environment.NewLine}{text[..Math.Min(text.Length, 500)]}");
    }

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"exits: frequency=(\d+)")]
    private static partial Regex FrequencyLine();

    [GeneratedRegex(@"exit ([a-z-]+) rounds=(\d+) ticks=(\d+) empty=(\d+) constant=(\d+)")]
    private static partial Regex Line();
}
