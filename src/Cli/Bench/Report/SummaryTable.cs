using System.Globalization;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>What was promised, what is wanted, and where we are, in a table at the top; of what was measured.</summary>
internal static class SummaryTable
{
    private const double Mega = 1 << 20;

    public static string Make(BenchFiles files)
    {
        List<string[]> rows = [];
        if (files.Read<TaxReport>("tax") is { OneCore: { Works.Count: > 0, Total: not null } table })
        {
            Add("CPU tax, all work, %", 100 * table.Total.Tax, 2, 0.05, "Bao 0.01, Xen 0.16, KVM 0.57", 3, "≤ ");
            Add("CPU tax, the worst work, %", 100 * table.Works.Max(work => work.Tax), 2, 0.2, "Bao 0.02, Xen 0.68, KVM 5.2", 3, "≤ ");
        }
        if (files.Read<ExitsReport>("exits") is { Figures: { } figures })
            foreach (var figure in figures.Where(figure => figure is { Profile: not null, Quantity.Promise: not null }))
                Add(figure.Quantity.Name + ", instructions", figure.Profile!.Value, figure.Quantity.Promise!.Value, figure.Quantity.Wanted, figure.Quantity.Peer, 0);
        if (files.Read<BootReport>("boot") is { Rows: { } boots })
            foreach (var boot in boots.Where(boot => boot.Promise is not null))
                Add(boot.Name + ", million instructions", boot.Profile / 1e6, boot.Promise!.Value / 1e6, boot.Wanted / 1e6, "Bao 41.7, Xen 124", 1);
        if (files.Read<MemoryReport>("memory") is { Rows: { } memories })
            foreach (var memory in memories.Where(memory => memory.MemoryBytes == 1 << 30 && memory.Profiles is 2 or 16))
                Add($"memory kept of 1 GB, {memory.Profiles} profiles, MB", memory.KeptBytes / Mega, KeptMemory.Promised / Mega, KeptMemory.Wanted / Mega, "Xen 19.6", 1);
        return rows.Count == 0 ? "" : Html.Table(["", "measured", "promise", "wanted", "", "best peers"], rows);

        void Add(string what, double measured, double promise, double? wanted, string peers, int digits, string sign = "< ")
        {
            bool Holds(double limit) => measured < limit || (sign == "≤ " && measured <= limit);
            var state = !Holds(promise) ? "promise broken" : wanted is { } wish && !Holds(wish) ? "promise kept" : "reached";
            rows.Add([what, Show(measured, digits), sign + Limit(promise), wanted is null ? "" : sign + Limit(wanted.Value), state, peers]);
        }
    }

    private static string Show(double number, int digits) => number.ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Limit(double limit) => limit.ToString("#,0.##", CultureInfo.InvariantCulture);
}
