using System.Text.Json;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// What was last measured of one subject and put down for good, in <c>tests/Bench.Tests/recorded.json</c>: SPECIFICATION.md shows these figures, and
/// those that are exact may not change by more than a percent without being recorded anew.
/// </summary>
/// <param name="Commit">What was measured; with a + if files had changed since.</param>
/// <param name="Date">When.</param>
/// <param name="Figures">By name, in the unit of their report.</param>
public sealed record RecordedFigures(string Commit, DateOnly Date, IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>The file's path in the tree.</summary>
    public const string RelativePath = "tests/Bench.Tests/recorded.json";

    /// <summary>The subject that isn't a report: bytes of what the build makes.</summary>
    public const string Size = "size";

    /// <summary>The figure of <see cref="Size"/>.</summary>
    public const string HypervisorBytes = "hypervisor.bin";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>All, by subject; none if there is no file.</summary>
    public static IReadOnlyDictionary<string, RecordedFigures> Load(Repository repository) =>
        File.Exists(PathIn(repository)) ? JsonSerializer.Deserialize<SortedDictionary<string, RecordedFigures>>(File.ReadAllText(PathIn(repository)), Format)! : new SortedDictionary<string, RecordedFigures>();

    /// <summary>Puts down what was measured now. Other subjects stay as they are.</summary>
    /// <returns>Path of the file.</returns>
    public static string Save(Repository repository, BenchConditions conditions, IEnumerable<IBenchReport> reports)
    {
        var all = new SortedDictionary<string, RecordedFigures>(Load(repository).ToDictionary(), StringComparer.Ordinal)
        {
            [Size] = Now(new Dictionary<string, double> { [HypervisorBytes] = new FileInfo(repository.Hypervisor).Length }),
        };
        foreach (var report in reports.Where(report => report.Recorded.Count > 0))
            all[report.Subject] = Now(report.Recorded);
        File.WriteAllText(PathIn(repository), JsonSerializer.Serialize(all, Format) + "\n");
        return PathIn(repository);

        RecordedFigures Now(IReadOnlyDictionary<string, double> figures) => new(conditions.Commit, DateOnly.FromDateTime(conditions.Time.UtcDateTime), figures);
    }

    private static string PathIn(Repository repository) => Path.Combine(repository.Root, RelativePath);
}
