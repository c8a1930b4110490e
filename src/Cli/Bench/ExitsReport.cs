using System.Globalization;
using Pocketvisor.Cli.Screen;
using Spectre.Console;

namespace Pocketvisor.Cli.Bench;

/// <summary>What exits cost.</summary>
/// <param name="Conditions">When and where. Counted instructions don't depend on the machine or its load.</param>
/// <param name="Xen">Which Xen it was; null if it was left out.</param>
/// <param name="Figures">Each quantity.</param>
public sealed record ExitsReport(BenchConditions Conditions, string? Xen, IReadOnlyList<ExitFigure> Figures) : IBenchReport
{
    /// <inheritdoc/>
    public string Subject => "exits";

    // Tenths: the mean of a thousand.
    IReadOnlyDictionary<string, double> IBenchReport.Recorded =>
        Figures.Where(figure => figure.Quantity.IsExact && figure.Profile is not null).ToDictionary(figure => figure.Quantity.Key, figure => Math.Round(figure.Profile!.Value, 1) + 0.0);

    /// <inheritdoc/>
    public void Show(TextWriter output)
    {
        var table = new Listing(["EXITS, instructions"], ["BARE", "PROFILE", "XEN", "PROMISE", "WANTED", "BEST PEER ONCE MEASURED"]);
        foreach (var each in Figures)
        {
            var colour = (each.Kept, each.Reached) switch { (false, _) => "red", (_, false) => "yellow", (_, true) => "green", _ => "default" };
            table.Add(each.Quantity.Name, Amount(each.Bare), $"[{colour}]{Amount(each.Profile)}[/]", Amount(each.Xen), Limit(each.Quantity.Promise), Limit(each.Quantity.Wanted), each.Quantity.Peer);
        }
        table.Write(output);
        output.WriteLine(Conditions.Counted(Xen));
    }

    // Plus zero: what is a little less than nothing is nothing.
    private static string Amount(double? amount) => amount is { } number ? (Math.Round(number) + 0.0).ToString("#,0", CultureInfo.InvariantCulture) : "–";

    private static string Limit(int? limit) => limit is { } number ? string.Create(CultureInfo.InvariantCulture, $"< {number:#,0}") : "";
}
