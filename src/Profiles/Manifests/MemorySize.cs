using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pocketvisor.Profiles;

/// <summary>An amount of memory as users write it: <c>384M</c>, <c>2G</c>.</summary>
/// <param name="Bytes">The amount; a multiple of <see cref="Step"/>.</param>
public readonly record struct MemorySize(long Bytes)
{
    /// <summary>Memory comes in steps of 2 MB, so that stage 2 can map it by blocks.</summary>
    public const long Step = 2 * Mega;

    /// <summary>The most that can be asked for: 64 GB.</summary>
    public const long Most = 64 * Giga;

    // Zeros before the number are no error, but there is an end to them: the keeper reads no more, either.
    private const int MostCharacters = 10;

    private const long Mega = 1 << 20, Giga = 1 << 30;

    /// <summary>Reads a number with the suffix M or G. False unless it is a multiple of 2 MB from 2M to 64G.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MemorySize size)
    {
        size = default;
        if (text is not { Length: > 1 and <= MostCharacters } || (text[^1] is 'M' ? Mega : text[^1] is 'G' ? Giga : 0) is not (> 0 and var unit)
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        size = new MemorySize(count * unit);
        return size.Bytes is > 0 and <= Most && size.Bytes % Step == 0;
    }

    /// <summary>The shortest way to write it.</summary>
    public override string ToString() => Bytes % Giga == 0 ? $"{Bytes / Giga}G" : $"{Bytes / Mega}M";
}
