using System.Text.Json;
using System.Text.RegularExpressions;
using Pocketvisor.Cli.Bench;
using Pocketvisor.Cli.Bench.Report;
using Pocketvisor.Cli.Hub;

namespace Pocketvisor.Cli.Tests;

/// <summary>The page of plots, whatever has been measured.</summary>
public sealed partial class ReportPageTests : IDisposable
{
    private static readonly DateTimeOffset s_time = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly BenchConditions s_conditions = new("abc1234", s_time, "a <fast> processor", 2, 0.5, "7.2.22");

    private static readonly string[] s_subjects = ["tax", "exits", "boot", "memory", "scale", "contention", "disk", "network"];

    // As those parts write them, shortened.
    private const string Conditions = """{ "commit": "abc1234", "time": "2026-11-26T12:00:00+00:00", "processor": "a", "cores": 2, "load": 0.5, "qemu": "7.2.22" }""";
    private const string Tax = $$"""
        { "conditions": {{Conditions}}, "xen": null, "exitsPerSecond": 120.5, "subject": "tax",
          "oneCore": { "title": "one core", "boot": { "name": "boot to init", "bare": 100, "profile": 101 },
            "works": [ { "name": "hashing", "bare": 1000, "profile": 1001, "xen": null, "tax": 0.001 }, { "name": "naps", "bare": 1000, "profile": 1030 } ],
            "total": { "name": "all work", "bare": 2000, "profile": 2031 } } }
        """;
    private const string Boot = $$"""
        { "conditions": {{Conditions}}, "xen": "xen-4.17", "subject": "boot", "rows": [
            { "name": "reset to the keeper's first line", "profile": 2000000.5 },
            { "name": "reset to the kernel's first instruction", "bare": 100, "profile": 45000000, "xen": 120000000, "promise": 124000000, "wanted": 40000000, "kept": true } ] }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocket-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Where_nothing_was_measured_the_page_says_what_measures_it()
    {
        var page = Make();
        foreach (var subject in s_subjects)
            Assert.Contains($"<code>pocket bench {subject}</code>", page);
        Assert.DoesNotContain("<svg", page);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{ \"rows\": 1, \"points\": [], \"measurements\": {}, \"figures\": [ 1 ], \"sameCore\": null }")]
    public void What_cannot_be_read_was_not_measured(string text)
    {
        foreach (var subject in s_subjects)
            File.WriteAllText(Path.Combine(_folder.FullName, $"{subject}.json"), text);
        Assert.DoesNotContain("<svg", Make());
    }

    [Fact]
    public void Everything_is_shown_in_one_file_that_needs_no_other()
    {
        SaveAll();
        var page = Make();
        Assert.DoesNotContain("Not measured", page);
        Assert.Equal(Enumerable.Range(1, 9), Numbers().Matches(page).Select(match => int.Parse(match.Groups[1].Value)));
        Assert.DoesNotMatch("<(script|link|img)", page);
        Assert.Contains("a &lt;fast&gt; processor", page);
        Assert.Contains("Xen 4.17", page);
        Assert.Contains("promise: 19", page);
    }

    [Fact]
    public void Names_within_plots_are_the_page_s_only_once()
    {
        SaveAll();
        var names = Ids().Matches(Make()).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct().Count(), names.Count);
    }

    [Fact]
    public void The_table_at_the_top_says_what_is_kept_and_what_is_broken()
    {
        SaveAll();
        var page = Make();
        Assert.Contains("<td>CPU tax, the worst work, %</td><td>3.000</td><td>≤ 2</td><td>≤ 0.2</td><td>promise broken</td>", page);
        Assert.Contains("<td>reset to the kernel&#39;s first instruction, million instructions</td><td>45.0</td><td>&lt; 124</td><td>&lt; 40</td><td>promise kept</td>", page);
        Assert.Contains("<td>memory kept of 1 GB, 2 profiles, MB</td><td>6.0</td><td>&lt; 19</td><td>&lt; 8</td><td>reached</td>", page);
    }

    [Fact]
    public void A_part_that_the_page_doesn_t_know_is_named()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "weight.json"), "{}");
        Assert.Contains("<code>weight.json</code>", Make());
    }

    [Fact]
    public void A_comparison_comes_back_as_it_was_saved()
    {
        Save(Comparison("disk"));
        var read = new BenchFiles(_folder.FullName).ReadComparison("disk")!;
        var measurement = Assert.Single(read.Measurements);
        Assert.Equal(("reading", "MB/s", 0.7, 0.75), (measurement.Name, measurement.Unit, measurement.Goal, measurement.Ratio));
        Assert.Equal([0.8, 0.5, 0.75], measurement.Ratios);
        Assert.Equal(s_conditions, read.Conditions);
    }

    private void SaveAll()
    {
        var memory = new KeptMemory(1 << 30, 2, 1 << 20, 5 << 20, 4 << 20, 1000 << 20);
        Save(new ExitsReport(s_conditions, "4.17", [new ExitFigure(ExitQuantity.All[0], null, 132, null), new ExitFigure(ExitQuantity.All[1], 1, 212, 599)]));
        File.WriteAllText(Path.Combine(_folder.FullName, "tax.json"), Tax);
        File.WriteAllText(Path.Combine(_folder.FullName, "boot.json"), Boot);
        Save(new MemoryReport(s_conditions, [memory with { Profiles = 0 }, memory, memory with { MemoryBytes = 2UL << 30 }]));
        Save(new ScaleReport(s_conditions, [new ScalePoint(1, 100, 101, 100.5, 0, memory), new ScalePoint(2, 100, 203, 200.5, 3, memory)]));
        ContentionRow row = new("computes", 100, 0.5, [1, 1], [2, 2.1]);
        Save(new ContentionReport(s_conditions, [row], [row, row with { Neighbour = "drops its translations" }], [row]));
        Save(Comparison("disk"));
        Save(Comparison("network"));
    }

    private static BenchReport Comparison(string subject)
    {
        var measurement = new Measurement("reading", "MB/s", Goal: 0.7);
        foreach (var (bare, profile) in new[] { (100.0, 80.0), (400, 200), (200, 150) })
        {
            measurement.Add(BenchSide.Bare, bare);
            measurement.Add(BenchSide.Profile, profile);
        }
        return new BenchReport(subject, s_conditions, new BenchOptions(1, 3, 3), [measurement]);
    }

    private void Save(IBenchReport report) =>
        File.WriteAllText(Path.Combine(_folder.FullName, $"{report.Subject}.json"), JsonSerializer.Serialize<object>(report, ControlJson.Pretty));

    private string Make() => ReportPage.Make(new BenchFiles(_folder.FullName), s_time);

    [GeneratedRegex(@"<b>Figure (\d+)\.</b>")]
    private static partial Regex Numbers();

    [GeneratedRegex(" id=\"([^\"]+)\"")]
    private static partial Regex Ids();
}
