using System.Globalization;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Bench;

/// <summary>What a hypervisor takes of the processor.</summary>
/// <param name="Conditions">When and where. Counted instructions don't depend on the machine or its load.</param>
/// <param name="Xen">Which Xen it was; null if it was left out.</param>
/// <param name="OneCore">One guest on one core.</param>
/// <param name="OneCoreNoMitigations">The same without mitigations and KASLR: how Linux protects itself depends on what a hypervisor says of the processor, and on its seeds.</param>
/// <param name="TwoCores">One guest on two cores. Both share one clock and take QEMU's turns, so that only the total says something.</param>
/// <param name="Shared">Two guests that share one core: how long the work of both took, against one after the other on the bare machine.</param>
/// <param name="ExitsPerSecond">How often the profile of <paramref name="OneCore"/> left for the hypervisor, for each second of its own clock.</param>
public sealed record TaxReport(
    BenchConditions Conditions, string? Xen, TaxTable OneCore, TaxTable OneCoreNoMitigations, TaxRow TwoCores, TaxRow Shared, double ExitsPerSecond) : IBenchReport
{
    /// <summary>What was promised of every kind of work; what is wanted of all in sum and of the worst.</summary>
    public const double Promise = 0.02, WantedInSum = 0.0005, WantedOfWorst = 0.002;

    /// <summary>What is recorded: parts, as in 0.02 for 2 percent.</summary>
    public const string InSum = "all work", OfWorst = "worst work";

    /// <inheritdoc/>
    public string Subject => "tax";

    IReadOnlyDictionary<string, double> IBenchReport.Recorded => new Dictionary<string, double> { [InSum] = Rounded(OneCore.Total), [OfWorst] = Rounded(OneCore.Worst) };

    /// <summary>Whether the promise is kept.</summary>
    public bool Kept => OneCore.Worst.Tax <= Promise;

    /// <summary>Whether we are where we want to be.</summary>
    public bool Reached => OneCore.Total.Tax <= WantedInSum && OneCore.Worst.Tax <= WantedOfWorst;

    /// <summary>Exits for each second of a guest's own clock, from its start to its last work.</summary>
    public static double Rate(ulong exits, TaxRun run) => exits / (run.Times["end"] / 1e9);

    /// <inheritdoc/>
    public void Show(TextWriter output)
    {
        Show(output, OneCore, withGoals: true);
        Show(output, OneCoreNoMitigations, withGoals: false);
        var more = new Listing(["TAX, otherwise"], ["BARE", "PROFILE", "TAX"]);
        more.Add("two cores, all work", Million(TwoCores.Bare), Million(TwoCores.Profile), Percent(TwoCores.Tax));
        more.Add("two profiles on one core, a piece of work", Million(Shared.Bare), Million(Shared.Profile), Percent(Shared.Tax));
        more.Write(output);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"The profile on one core left {ExitsPerSecond:#,0} times a second for the hypervisor. Promise: at most {Promise:0%} on every work; wanted: {WantedInSum:0.00%} in sum, {WantedOfWorst:0.0%} on the worst."));
        output.WriteLine(Conditions.Counted(Xen));
    }

    private static void Show(TextWriter output, TaxTable table, bool withGoals)
    {
        var listing = new Listing([$"TAX, {table.Title}"], ["BARE, million", "PROFILE", "XEN", "TAX", "XEN'S TAX"]);
        foreach (var row in (TaxRow[])[.. table.Works, table.Total, table.Boot])
        {
            var wanted = row == table.Total ? WantedInSum : WantedOfWorst;
            var colour = !withGoals || row == table.Boot ? "default" : row.Tax > Promise ? "red" : row.Tax > wanted ? "yellow" : "green";
            listing.Add(row.Name, Million(row.Bare), Million(row.Profile), Million(row.Xen), $"[{colour}]{Percent(row.Tax)}[/]", Percent(row.XenTax));
        }
        listing.Write(output);
    }

    // The last digit of a thousandth of a percent is chance already.
    private static double Rounded(TaxRow row) => Math.Round(row.Tax, 5);

    // Of instructions: one takes 2 ns.
    private static string Million(double? nanoseconds) => nanoseconds is { } number ? (number / (1 << ExitCount.InstructionShift) / 1e6).ToString("#,0.0", CultureInfo.InvariantCulture) : "–";

    private static string Percent(double? part) => part is { } number ? (100 * number).ToString("+0.000;-0.000", CultureInfo.InvariantCulture) + " %" : "–";
}
