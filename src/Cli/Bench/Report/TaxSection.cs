using OxyPlot;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>What a hypervisor takes of the processor.</summary>
internal static class TaxSection
{
    public static string? Make(BenchFiles files, int figure)
    {
        if (files.Read<TaxReport>("tax") is not { OneCore: { Works.Count: > 0, Total: not null } table } report)
            return null;
        IReadOnlyList<TaxRow> rows = [.. table.Works, table.Total];
        var plot = new DotPlot("tax, %", [.. rows.Select(row => row.Name)]) { IsLogarithmic = true, Limits = (0.001, 10) };
        plot.AddGoal("promise: at most", LineStyle.Solid, [.. rows.Select(_ => (double?)2)]);
        plot.AddGoal("wanted: at most", LineStyle.Dash, [.. rows.Select(row => (double?)(row == table.Total ? 0.05 : 0.2))]);
        plot.Add("Pocketvisor", Mark.Ours, [.. rows.Select(row => (DotValue?)DotValue.Exactly(100 * row.Tax))]);
        plot.Add("Xen 4.17", Mark.Xen, [.. rows.Select((row, index) => Dot(report.Xen is null ? Peers.Tax(Peers.XenTax, index, rows.Count) : row.XenTax))]);
        plot.Add("KVM, nVHE", Mark.Kvm, [.. rows.Select((_, index) => Dot(Peers.Tax(Peers.KvmTax, index, rows.Count)))]);
        plot.Add("Bao", Mark.Bao, [.. rows.Select((_, index) => Dot(Peers.Tax(Peers.BaoTax, index, rows.Count)))]);
        var peers = report.Xen is null ? "Xen's, KVM's and Bao's are the ones" : "Xen ran the same guest in the same run; KVM's and Bao's are the ones";
        IReadOnlyList<(string What, TaxRow? Row)> others = [("two cores, all work", report.TwoCores), ("two profiles on one core", report.Shared), (report.OneCoreNoMitigations?.Title ?? "", report.OneCoreNoMitigations?.Total)];
        return Html.Figure(figure,
                $"One Linux guest alone on one core: how much longer its work takes than without a hypervisor, in counted instructions. {peers} that were measured once (docs/benchmarks.md); Bao emulates no device and has no scheduler. "
                + $"What is 0 or less is not shown. The profile left {Html.Number(report.ExitsPerSecond)} times a second for the hypervisor. " + Html.Conditions(report.Conditions), plot.ToSvg())
            + Html.Details(Html.Table(["work", "bare, million instructions", "profile", "Xen", "tax", "Xen's tax"],
                rows.Append(table.Boot).OfType<TaxRow>().Select(row => Cells(row.Name, row)).Concat(others.Where(each => each.Row is not null).Select(each => Cells(each.What, each.Row!)))));
    }

    private static DotValue? Dot(double? part) => part is { } number ? DotValue.Exactly(100 * number) : null;

    private static string[] Cells(string name, TaxRow row) =>
        [name, Million(row.Bare), Million(row.Profile), Million(row.Xen), Html.Percent(row.Tax, 3), row.XenTax is { } tax ? Html.Percent(tax, 3) : "–"];

    // An instruction takes 2 ns.
    private static string Million(double? nanoseconds) => nanoseconds is { } number ? Html.Number(number / 2e6) : "–";
}
