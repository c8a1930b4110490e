using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;

namespace Pocketvisor.Cli.Bench;

/// <summary>What the guest of Guest/init said of itself: times by its own clock, in nanoseconds.</summary>
/// <param name="Times">Of each work; "boot", from its clock's first tick to its init; "end", when it was done.</param>
/// <param name="Pieces">When each small piece was done, if it did those.</param>
/// <param name="Tree">The device tree that it was given, if it was to show it.</param>
public sealed partial record TaxRun(IReadOnlyDictionary<string, long> Times, IReadOnlyList<long> Pieces, byte[]? Tree)
{
    /// <summary>The guest's last words.</summary>
    public const string Done = "tax: done";

    /// <summary>Each kind of work, in the guest's words and in ours.</summary>
    public static readonly IReadOnlyList<(string Key, string Name)> Works =
    [
        ("sha", "hashing"), ("zip", "compressing"), ("calc", "interpreter"), ("sys", "one-byte system calls"),
        ("spawn", "process creation"), ("pipe", "pipe"), ("mem", "memory copies"), ("nap", "naps of 1 ms"),
    ];

    /// <summary>All work in sum.</summary>
    public long Total => Works.Sum(work => Times[work.Key]);

    /// <summary>
    /// The least time of each work over several boots. Most work takes the same each time; what makes processes has good boots and bad ones,
    /// bare too, by half a percent: what Linux keeps ready for the next process is a matter of chance.
    /// </summary>
    public static TaxRun Least(IReadOnlyList<TaxRun> runs) => runs[0] with { Times = runs[0].Times.Keys.ToDictionary(key => key, key => runs.Min(run => run.Times[key])) };

    /// <summary>Reads what it said. A hypervisor may have put words of its own before its lines.</summary>
    /// <exception cref="UserException">It didn't say everything.</exception>
    public static TaxRun Parse(string text)
    {
        var times = TimeLine().Matches(text).ToDictionary(match => match.Groups[1].Value, match => Number(match.Groups[2].Value));
        var pieces = PiecesLine().Match(text) is { Success: true } line ? line.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number).ToList() : [];
        var isWhole = pieces.Count > 0 || (times.ContainsKey("boot") && times.ContainsKey("end") && Works.All(work => times.ContainsKey(work.Key)));
        return isWhole && text.Contains(Done, StringComparison.Ordinal) ? new TaxRun(times, pieces, ReadTree(text))
            : throw new UserException($"The guest that works did not say how long it took:{Environment.NewLine}{text[^Math.Min(text.Length, 800)..]}");
    }

    /// <summary>Reads what it said if it only booted: nanoseconds to its init.</summary>
    /// <exception cref="UserException">It didn't say that.</exception>
    public static long ParseBoot(string text) => TimeLine().Matches(text).FirstOrDefault(match => match.Groups[1].Value == "boot") is { } line ? Number(line.Groups[2].Value)
        : throw new UserException($"The guest that boots did not say how long it took:{Environment.NewLine}{text[^Math.Min(text.Length, 800)..]}");

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The device tree that it showed; null if it was not to.</summary>
    public static byte[]? ReadTree(string text)
    {
        // Lines of base64 between two marks.
        if (TreeLines().Match(text) is not { Success: true } match)
            return null;
        using var tree = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(match.Groups[1].Value)), CompressionMode.Decompress))
            gzip.CopyTo(tree);
        return tree.ToArray();
    }

    [GeneratedRegex(@"tax: ([a-z]+) (\d+)")]
    private static partial Regex TimeLine();

    [GeneratedRegex(@"tax: pieces((?: \d+)+)")]
    private static partial Regex PiecesLine();

    [GeneratedRegex(@"tax: tree\s+([A-Za-z0-9+/=\s]+?)\s+tax: ")]
    private static partial Regex TreeLines();
}
