using System.Globalization;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Bench;

/// <summary>What becomes of memory, tax and the cost of a switch when there are more profiles.</summary>
/// <param name="Conditions">When and where.</param>
/// <param name="Points">One for each number of profiles.</param>
public sealed record ScaleReport(BenchConditions Conditions, IReadOnlyList<ScalePoint> Points) : IBenchReport
{
    /// <inheritdoc/>
    public string Subject => "scale";

    /// <inheritdoc/>
    public void Show(TextWriter output)
    {
        var table = new Listing(["PROFILES"], ["TAX", "AT WORK", "SWITCHES", "INSTRUCTIONS EACH", "KEPT"]);
        foreach (var point in Points)
            table.Add(
                $"{point.Profiles}", Percent(point.Tax), Percent(point.TaxAtWork), point.Switches.ToString("#,0", CultureInfo.InvariantCulture),
                point.InstructionsPerSwitch?.ToString("#,0", CultureInfo.InvariantCulture) ?? "–", string.Create(CultureInfo.InvariantCulture, $"{point.Memory.KeptBytes / 1048576.0:0.0} MB"));
        table.Write(output);
    }

    private static string Percent(double part) => (100 * part).ToString("0.000", CultureInfo.InvariantCulture) + " %";
}
