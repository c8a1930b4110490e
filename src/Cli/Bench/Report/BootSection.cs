using OxyPlot;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>How long a start takes.</summary>
internal static class BootSection
{
    public static string? Make(BenchFiles files, int figure)
    {
        if (files.Read<BootReport>("boot") is not { Rows: { Count: > 0 } rows } report)
            return null;
        var plot = new DotPlot("million instructions", [.. rows.Select(row => row.Name)]) { IsLogarithmic = true, Limits = (1, 2000) };
        plot.AddGoal("promise: fewer", LineStyle.Solid, [.. rows.Select(row => row.Promise / 1e6)]);
        plot.AddGoal("wanted: fewer", LineStyle.Dash, [.. rows.Select(row => row.Wanted / 1e6)]);
        plot.Add("Pocketvisor", Mark.Ours, [.. rows.Select(row => Dot(row.Profile))]);
        plot.Add("Xen 4.17", Mark.Xen, [.. rows.Select(row => Dot(row.Xen ?? (report.Xen is null && row.Promise is not null ? Peers.XenBoot : null)))]);
        plot.Add("Bao", Mark.Bao, [.. rows.Select(row => Dot(row.Promise is not null ? Peers.BaoBoot : null))]);
        plot.Add("without a hypervisor", Mark.Bare, [.. rows.Select(row => Dot(row.Bare))]);
        return Html.Figure(figure,
                "From reset to a guest of 512 MB, in counted instructions. " + (report.Xen is null ? "Xen's and Bao's figures were" : "Bao's figure was") + " measured once (docs/benchmarks.md). Below a million nothing is shown. " + Html.Conditions(report.Conditions), plot.ToSvg())
            + Html.Details(Html.Table(["million instructions", "bare", "Pocketvisor", "Xen", "promise", "wanted"],
                rows.Select(row => new[] { row.Name, Million(row.Bare), Million(row.Profile), Million(row.Xen), Million(row.Promise), Million(row.Wanted) })));
    }

    private static DotValue? Dot(double? instructions) => instructions is { } number ? DotValue.Exactly(number / 1e6) : null;

    private static string Million(double? instructions) => instructions is { } number ? Html.Number(number / 1e6) : "–";
}
