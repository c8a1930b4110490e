using System.Globalization;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Bench;

/// <summary>What bad neighbours cost a profile.</summary>
/// <param name="Conditions">When and where.</param>
/// <param name="SameCore">Neighbours on the profile's core, by a clock that counts instructions.</param>
/// <param name="OtherCore">Neighbours on another core of the handset, in processor time of the thread that emulates the profile's.</param>
/// <param name="BareOtherCore">The same disturbances by a second core of one machine without Pocketvisor.</param>
public sealed record ContentionReport(
    BenchConditions Conditions, IReadOnlyList<ContentionRow> SameCore, IReadOnlyList<ContentionRow> OtherCore, IReadOnlyList<ContentionRow> BareOtherCore)
    : IBenchReport
{
    /// <inheritdoc/>
    public string Subject => "contention";

    /// <inheritdoc/>
    public void Show(TextWriter output)
    {
        var table = new Listing(["NEIGHBOUR"], ["CORE", "WEIGHT", "SHARE", "TAX", "FROM – TO", "BARE", "FROM – TO"]);
        foreach (var row in SameCore)
            table.Add(row.Neighbour, "same", $"{row.Weight}", Percent(row.Share), Percent(row.Tax), Range(row), "", "");
        foreach (var row in OtherCore)
        {
            var bare = BareOtherCore.FirstOrDefault(each => each.Neighbour == row.Neighbour);
            table.Add(row.Neighbour, "other", $"{row.Weight}", Percent(row.Share), Percent(row.Tax), Range(row), bare is null ? "" : Percent(bare.Tax), bare is null ? "" : Range(bare));
        }
        table.Write(output);
    }

    private static string Percent(double part) => (100 * part).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Range(ContentionRow row) => $"{Percent(row.Taxes.Min())} – {Percent(row.Taxes.Max())}";
}
