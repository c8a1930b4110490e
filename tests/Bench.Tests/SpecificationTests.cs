using System.Globalization;
using Pocketvisor.Cli.Bench;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Bench.Tests;

/// <summary>SPECIFICATION.md shows the figures that were recorded, of a commit that can be had, and the promises that the tests hold.</summary>
public class SpecificationTests
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    [Fact]
    public void EveryRecordedFigureIsShown() => Assert.All(RecordedFigures.Load(Bench.Repository), subject => Assert.All(subject.Value.Figures, figure =>
    {
        var (row, shown) = Show(subject.Key, figure.Key, figure.Value);
        var cells = Row(row);
        Assert.True(cells[Column("measured")] == shown, $"SPECIFICATION.md says \"{cells[Column("measured")]}\" of \"{row}\"; recorded is \"{shown}\"");
        Assert.True(cells[Column("commit")] == subject.Value.Commit, $"SPECIFICATION.md says that \"{row}\" was measured of {cells[Column("commit")]}; it was {subject.Value.Commit}");
        Assert.False(subject.Value.Commit.EndsWith('+'), $"{row}: measured when files had changed since the commit. Commit first, then run `pocket bench {subject.Key} --record`.");
    }));

    [Fact]
    public void ThePromisesAreThoseThatAreChecked()
    {
        foreach (var quantity in ExitQuantity.All.Where(quantity => quantity.Promise is not null))
            Assert.Equal((Limit(quantity.Promise!.Value), Limit(quantity.Wanted!.Value)), Goals(quantity.Name));
        Assert.Equal((Limit(ImageBuild.PromisedHypervisorBytes), "< 16,000"), Goals(RecordedFigures.HypervisorBytes));
        Assert.Equal(($"< {BootReport.Promise / 1e6:0} million", $"< {BootReport.Wanted / 1e6:0} million"), Goals(BootReport.Entry));
        Assert.Equal(($"≤ {100 * TaxReport.Promise:0} %", $"≤ {100 * TaxReport.WantedInSum:0.00} %"), Goals(TaxReport.InSum));
        Assert.Equal(($"≤ {100 * TaxReport.Promise:0} %", $"≤ {100 * TaxReport.WantedOfWorst:0.0} %"), Goals(TaxReport.OfWorst));
        Assert.Equal(($"< {KeptMemory.Promised >> 20} MB", $"< {KeptMemory.Wanted >> 20} MB"), Goals(MemoryReport.Name(0)));
    }

    private static (string Row, string Shown) Show(string subject, string name, double figure) => subject switch
    {
        "exits" => (ExitQuantity.All.Single(quantity => quantity.Key == name).Name, figure.ToString("#,0", English)),
        "boot" => (name, (figure / 1e6).ToString("0.0", English) + " million"),
        "tax" => (name, (100 * figure).ToString("0.000", English) + " %"),
        "memory" => (name, (figure / (1 << 20)).ToString("0.0", English) + " MB"),
        _ => (name, figure.ToString("#,0", English)),
    };

    private static string Limit(int limit) => string.Create(English, $"< {limit:#,0}");

    private static (string Promise, string Wanted) Goals(string row) => (Row(row)[Column("promise")], Row(row)[Column("wanted")]);

    private static int Column(string title) => Cells(Lines().First(line => line.Contains("| promise |", StringComparison.Ordinal))).IndexOf(title);

    private static List<string> Row(string name)
    {
        var rows = Lines().Select(Cells).Where(cells => cells.Count > 0 && cells[0].Replace("`", "", StringComparison.Ordinal) == name).ToList();
        Assert.True(rows.Count == 1, $"SPECIFICATION.md has {rows.Count} rows that begin with \"{name}\"");
        return rows[0];
    }

    private static List<string> Cells(string line) => line.StartsWith('|') ? [.. line.Trim('|').Split('|').Select(cell => cell.Trim())] : [];

    private static string[] Lines() => File.ReadAllLines(Path.Combine(Bench.Repository.Root, "SPECIFICATION.md"));
}
