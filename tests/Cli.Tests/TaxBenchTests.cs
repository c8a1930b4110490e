using System.IO.Compression;
using System.Text;
using Pocketvisor.Cli.Bench;

namespace Pocketvisor.Cli.Tests;

/// <summary>What is made of the words of the guest whose work is counted.</summary>
public class TaxBenchTests
{
    private static readonly BenchConditions Conditions = new("abc1234", DateTimeOffset.UnixEpoch, "x", 2, 0, "7.2");

    [Fact]
    public void Times_are_read_whatever_stands_before_them()
    {
        var run = TaxRun.Parse(Said(100, "(XEN) DOM1: "));
        Assert.Equal(1631, run.Times["boot"]);
        Assert.Equal(800, run.Total);
        Assert.Empty(run.Pieces);
        Assert.Null(run.Tree);
    }

    [Fact]
    public void The_device_tree_is_read_too()
    {
        byte[] tree = [0xd0, 0x0d, 0xfe, 0xed, .. Enumerable.Repeat((byte)7, 5000).Select((b, i) => (byte)(b * i))];
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(tree);
        var base64 = Convert.ToBase64String(packed.ToArray(), Base64FormattingOptions.InsertLineBreaks).Replace("\r", "");
        Assert.Equal(tree, TaxRun.Parse(Said(100, "").Replace(TaxRun.Done, $"tax: tree\n{base64}\n{TaxRun.Done}")).Tree);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tax: boot 12\ntax: done")]
    [InlineData("tax: pieces\ntax: done")]
    public void Less_than_all_is_an_error_that_shows_it(string text)
    {
        Assert.Contains(text, Assert.Throws<UserException>(() => TaxRun.Parse(text)).Message);
        Assert.Throws<UserException>(() => TaxRun.Parse(Said(100, "").Replace(TaxRun.Done, "")));
    }

    [Fact]
    public void Who_only_boots_says_only_that()
    {
        Assert.Equal(1631, TaxRun.ParseBoot("tax: boot 1631\ntax: done"));
        Assert.Throws<UserException>(() => TaxRun.ParseBoot("Kernel panic"));
    }

    [Fact]
    public void Of_several_boots_each_work_s_least_counts()
    {
        var (one, two) = (TaxRun.Parse(Said(100, "")), TaxRun.Parse(Said(101, "").Replace("tax: pipe 101", "tax: pipe 90")));
        var least = TaxRun.Least([one, two]);
        Assert.Equal((100, 90, 790), (least.Times["sha"], least.Times["pipe"], least.Total));
    }

    [Fact]
    public void The_pace_is_the_slope_after_the_warm_up()
    {
        // Slow at first, then 10 each, now early, now late.
        var times = Enumerable.Range(0, 100).Select(i => i < PiecePace.WarmUp ? 100L * i : 5000 + 10 * i + (i % 2 == 0 ? 3 : -3));
        Assert.Equal(10, PiecePace.Of([.. times]), 0.01);
    }

    [Fact]
    public void Two_that_share_a_core_do_together_what_one_does_alone()
    {
        Assert.Equal(0, PiecePace.Compare(Pieces(10), [Pieces(20), Pieces(20)]).Tax, 1e-9);
        Assert.Equal(0.1, PiecePace.Compare(Pieces(10), [Pieces(22), Pieces(22)]).Tax, 1e-9);
        Assert.Equal(0, PiecePace.Compare(Pieces(10), [Pieces(15), Pieces(30)]).Tax, 1e-9); // Unfair, but nothing is lost.
    }

    [Fact]
    public void The_tax_is_what_is_on_top()
    {
        var report = Report(profile: 101);
        Assert.Equal(0.01, report.OneCore.Total.Tax, 1e-9);
        Assert.Equal(0.07, report.OneCore.Total.XenTax!.Value, 1e-9);
        Assert.Equal((true, false), (report.Kept, report.Reached));
        Assert.Equal(1000, report.ExitsPerSecond, 1e-6);
        Assert.False(Report(profile: 103).Kept);
        Assert.True(Report(profile: 100).Reached);
    }

    [Fact]
    public void The_report_can_be_shown_without_xen()
    {
        using var output = new StringWriter();
        (Report(profile: 100) with { Xen = null, OneCoreNoMitigations = TaxTable.Make("x", TaxRun.Parse(Said(100, "")), TaxRun.Parse(Said(100, "")), null) }).Show(output);
        Assert.Contains("memory copies", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_gets_seeds_in_the_place_of_those_that_linux_wiped()
    {
        var source = TaxTree.WithSeeds("/ {\n\tchosen {\n\t\tkaslr-seed = <0x00 0x00>;\n\t\tbootargs = \"quiet\";\n\t};\n};", [1, 2], [0xAB]);
        Assert.Contains("rng-seed = [0102];\nkaslr-seed = [AB];\n", source, StringComparison.Ordinal);
        Assert.DoesNotContain("<0x00 0x00>", source, StringComparison.Ordinal);
        Assert.Contains("bootargs = \"quiet\";", source, StringComparison.Ordinal);
        Assert.Throws<UserException>(() => TaxTree.WithSeeds("/ { };", [1], [2]));
    }

    private static TaxReport Report(long profile)
    {
        TaxRun bare = TaxRun.Parse(Said(100, "")), other = TaxRun.Parse(Said(profile, "")), xen = TaxRun.Parse(Said(107, ""));
        var table = TaxTable.Make("one core", bare, other, xen);
        return new TaxReport(Conditions, "xen", table, table, table.Total, table.Total, TaxReport.Rate(2_000_000, other));
    }

    private static IReadOnlyList<long> Pieces(long each) => TaxRun.Parse($"tax: pieces {string.Join(' ', Enumerable.Range(1, 60).Select(i => i * each))}\n{TaxRun.Done}").Pieces;

    private static string Said(long each, string before)
    {
        var text = new StringBuilder($"{before}tax: boot 1631\r\n");
        foreach (var (key, _) in TaxRun.Works)
            text.Append($"{before}tax: {key} {each}\r\n");
        return text.Append($"{before}tax: end 2000000000000\r\n{before}{TaxRun.Done}").ToString();
    }
}
