using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pocketvisor.Cli.Storage;

/// <summary>Room on a flash or a disk, as users write it: <c>512M</c>, <c>4G</c>.</summary>
/// <param name="Bytes">The room; a multiple of 1 MB.</param>
public readonly record struct StorageSize(long Bytes)
{
    /// <summary>What a size must be, for errors.</summary>
    public const string Allowed = "a number with M or G, from 64M to 2048G";

    private const long Mega = 1 << 20, Giga = 1 << 30, Least = 64 * Mega, Most = 2048 * Giga;

    /// <summary>Reads a number with the suffix M or G.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out StorageSize size)
    {
        size = default;
        if (text is not { Length: > 1 } || (text[^1] is 'M' ? Mega : text[^1] is 'G' ? Giga : 0) is not (> 0 and var unit)
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        size = new StorageSize(count * unit);
        return size.Bytes is >= Least and <= Most;
    }

    /// <summary>An amount of bytes for readers: three digits or so.</summary>
    public static string Show(long bytes) => bytes switch
    {
        < Mega => string.Create(CultureInfo.InvariantCulture, $"{(bytes + 1023) >> 10} kB"),
        < 10 * Mega => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)Mega:0.0} MB"),
        < Giga => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)Giga:0.0} GB"),
    };

    /// <summary>The shortest way to write it.</summary>
    public override string ToString() => Bytes % Giga == 0 ? $"{Bytes / Giga}G" : $"{Bytes / Mega}M";
}
