using System.Globalization;
using System.Text.RegularExpressions;

namespace Pocketvisor.Cli.Bench;

/// <summary>What ping measured.</summary>
/// <param name="MeanMicroseconds">From request to reply.</param>
public sealed partial record PingResult(double MeanMicroseconds)
{
    /// <summary>Reads the last line of busybox's ping.</summary>
    /// <exception cref="UserException">There was no reply.</exception>
    public static PingResult Parse(string text) => Summary().Match(text) is { Success: true } match
        ? new PingResult(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * 1000)
        : throw new UserException($"ping had no reply:{Environment.NewLine}{text[..Math.Min(text.Length, 500)]}");

    [GeneratedRegex(@"round-trip min/avg/max = [\d.]+/([\d.]+)/[\d.]+ ms")]
    private static partial Regex Summary();
}
