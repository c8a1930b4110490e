using System.Globalization;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Bench;

/// <summary>How long a start takes.</summary>
/// <param name="Conditions">When and where. Counted instructions don't depend on the machine or its load.</param>
/// <param name="Xen">Which Xen it was; null if it was left out.</param>
/// <param name="Rows">From where to where.</param>
public sealed record BootReport(BenchConditions Conditions, string? Xen, IReadOnlyList<BootRow> Rows) : IBenchReport
{
    /// <summary>Instructions to a 512 MB guest's first.</summary>
    public const double Promise = 124e6, Wanted = 40e6;

    /// <summary>The row for which there is a promise.</summary>
    public const string Entry = "reset to the kernel's first instruction";

    /// <inheritdoc/>
    public string Subject => "boot";

    IReadOnlyDictionary<string, double> IBenchReport.Recorded => Rows.Where(row => row.Name == Entry).ToDictionary(row => row.Name, row => row.Profile);

    /// <inheritdoc/>
    public void Show(TextWriter output)
    {
        var table = new Listing(["BOOT, million instructions"], ["BARE", "PROFILE", "XEN", "PROMISE", "WANTED"]);
        foreach (var row in Rows)
        {
            var colour = (row.Kept, row.Reached) switch { (false, _) => "red", (_, false) => "yellow", (_, true) => "green", _ => "default" };
            table.Add(row.Name, Million(row.Bare), $"[{colour}]{Million(row.Profile)}[/]", Million(row.Xen), Limit(row.Promise), Limit(row.Wanted));
        }
        table.Write(output);
        output.WriteLine("A guest of 512 MB, alone, from a boot medium in memory. Linux's own start is by its own clock, which begins some instructions after its first.");
        output.WriteLine(Conditions.Counted(Xen));
    }

    private static string Million(double? amount) => amount is { } number ? (number / 1e6).ToString("#,0.0", CultureInfo.InvariantCulture) : "–";

    private static string Limit(double? limit) => limit is { } number ? string.Create(CultureInfo.InvariantCulture, $"< {number / 1e6:0}") : "";
}
