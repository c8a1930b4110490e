using OxyPlot;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>What is kept, by memory and by profiles.</summary>
internal static class MemorySection
{
    private const double Mega = 1 << 20;
    private const ulong Usual = 1 << 30;

    public static string? Make(BenchFiles files, int figure)
    {
        if (files.Read<MemoryReport>("memory") is not { Rows: { Count: > 0 } rows } report)
            return null;
        var bySize = new LinePlot("memory of the handset, GB", "kept, MB") { Step = 1, Top = 22 };
        foreach (var (index, count) in new[] { 1, 16 }.Index())
            bySize.Add(count == 1 ? "1 profile" : $"{count} profiles", Mark.Several[index],
                rows.Where(row => row.Profiles == count).Select(row => (row.MemoryBytes / (1024 * Mega), row.KeptBytes / Mega)));
        bySize.AddPeer(KeptMemory.Xen / Mega, "Xen 4.17, 1 GB: 19.6", Mark.Xen);

        var byCount = new LinePlot("profiles that run, on 1 GB", "kept, MB") { Step = 4, Top = 22 };
        var usual = rows.Where(row => row.MemoryBytes == Usual).ToList();
        byCount.Add("both", Mark.Several[0], usual.Select(row => ((double)row.Profiles, row.KeptBytes / Mega)));
        byCount.Add("hypervisor", Mark.Several[1], usual.Select(row => ((double)row.Profiles, row.HypervisorBytes / Mega)));
        byCount.AddPeer(KeptMemory.Xen / Mega, "", Mark.Xen);
        byCount.AddGoal(KeptMemory.Promised / Mega, "promise: 19", LineStyle.Solid);
        byCount.AddGoal(KeptMemory.Wanted / Mega, "wanted: 8", LineStyle.Dash);
        return Html.Figure(figure,
                "Memory that is neither a profile's nor free for the next one, by the owner table; left for handsets of 512 MB to 4 GB, right for none to 16 profiles of 2 MB on 1 GB. The keeper takes its memory in pieces of 2 MB. "
                + "The promise and the wish are for 1 GB. " + Html.Conditions(report.Conditions), bySize.ToSvg(), byCount.ToSvg())
            + Html.Details(Html.Table(["handset, MB", "profiles", "hypervisor, MB", "keeper, MB", "kept, MB", "profiles', MB", "free, MB"],
                rows.Select(row => new[] { row.MemoryBytes / Mega, row.Profiles, row.HypervisorBytes / Mega, row.KeeperBytes / Mega, row.KeptBytes / Mega, row.ProfileBytes / Mega, row.FreeBytes / Mega }.Select(Html.Number))));
    }
}
