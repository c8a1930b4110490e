using OxyPlot;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>What exits cost.</summary>
internal static class ExitsSection
{
    public static string? Make(BenchFiles files, int figure)
    {
        if (files.Read<ExitsReport>("exits") is not { Figures: { Count: > 0 } figures } report)
            return null;
        var plot = new DotPlot("instructions", [.. figures.Select(each => each.Quantity.Name)]) { IsLogarithmic = true, Limits = (0.6, 20_000) };
        plot.AddGoal("promise: fewer", LineStyle.Solid, [.. figures.Select(each => (double?)each.Quantity.Promise)]);
        plot.AddGoal("wanted: fewer", LineStyle.Dash, [.. figures.Select(each => (double?)each.Quantity.Wanted)]);
        plot.Add("Pocketvisor", Mark.Ours, [.. figures.Select(each => Dot(each.Profile))]);
        plot.Add("Xen 4.17", Mark.Xen, [.. figures.Select(each => Dot(report.Xen is null ? Once(Peers.XenExits, each) : each.Xen))]);
        plot.Add("KVM, nVHE", Mark.Kvm, [.. figures.Select(each => Dot(Once(Peers.KvmExits, each)))]);
        plot.Add("without a hypervisor", Mark.Bare, [.. figures.Select(each => Dot(each.Bare))]);
        var peers = report.Xen is null ? "Xen's and KVM's are the ones" : "so are Xen's, in the same run; KVM's are the ones";
        return Html.Figure(figure,
                "What it costs a guest to leave, in counted instructions. Zeros are not shown. Pocketvisor's and the bare guest's are exact, "
                + $"{peers} that were measured once (docs/benchmarks.md). " + Html.Conditions(report.Conditions), plot.ToSvg())
            + Html.Details(Html.Table(["", "bare", "Pocketvisor", "Xen", "KVM", "promise", "wanted"], figures.Select(each => new[]
            {
                each.Quantity.Name, Amount(each.Bare), Amount(each.Profile), Amount(report.Xen is null ? Once(Peers.XenExits, each) : each.Xen), Amount(Once(Peers.KvmExits, each)),
                Amount(each.Quantity.Promise), Amount(each.Quantity.Wanted),
            })));
    }

    private static double? Once(IReadOnlyDictionary<string, double> peer, ExitFigure figure) => peer.TryGetValue(figure.Quantity.Key, out var count) ? count : null;

    private static DotValue? Dot(double? value) => value is { } number ? DotValue.Exactly(number) : null;

    private static string Amount(double? value) => value is { } number ? Html.Number(Math.Round(number) + 0.0) : "–";
}
