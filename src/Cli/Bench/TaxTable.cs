namespace Pocketvisor.Cli.Bench;

/// <summary>The same guest on every side.</summary>
/// <param name="Title">In what they are alike.</param>
/// <param name="Boot">From its clock's start to its init.</param>
/// <param name="Works">Each kind of work.</param>
/// <param name="Total">All of them in sum, without the boot.</param>
public sealed record TaxTable(string Title, TaxRow Boot, IReadOnlyList<TaxRow> Works, TaxRow Total)
{
    /// <summary>The work that costs most.</summary>
    public TaxRow Worst => Works.MaxBy(work => work.Tax)!;

    /// <summary>Puts runs side by side.</summary>
    public static TaxTable Make(string title, TaxRun bare, TaxRun profile, TaxRun? xen)
    {
        return new TaxTable(
            title, Row("boot to init", run => run.Times["boot"]),
            [.. TaxRun.Works.Select(work => Row(work.Name, run => run.Times[work.Key]))], Row("all work", run => run.Total));

        TaxRow Row(string name, Func<TaxRun, long> time) => new(name, time(bare), time(profile), xen is null ? null : time(xen));
    }
}
