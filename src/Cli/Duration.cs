using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pocketvisor.Cli;

/// <summary>How long, as users write it: <c>30s</c>, <c>10m</c>, <c>8h</c>.</summary>
public static class Duration
{
    /// <summary>What a duration must be, for errors.</summary>
    public const string Allowed = "a number with s, m or h, from 1s to 168h, such as 10m";

    private const long MostSeconds = 168 * 3600;

    /// <summary>Reads a number with the suffix s, m or h.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = default;
        if (text is not { Length: > 1 } || (text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 }) is not (> 0 and var seconds)
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        var all = (long)count * seconds;
        if (all is 0 or > MostSeconds)
            return false;
        duration = TimeSpan.FromSeconds(all);
        return true;
    }
}
