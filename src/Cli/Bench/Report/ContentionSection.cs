namespace Pocketvisor.Cli.Bench.Report;

/// <summary>What bad neighbours cost.</summary>
internal static class ContentionSection
{
    public static string? Make(BenchFiles files, int figure)
    {
        if (files.Read<ContentionReport>("contention") is not { SameCore: not null, OtherCore: not null, BareOtherCore: not null } report)
            return null;
        var same = new DotPlot("tax beside a neighbour on the same core, % of the work's time with its fair share of the core", [.. report.SameCore.Select(row => $"the neighbour {row.Neighbour}")])
        {
            Reference = (0, "its share exactly"),
            Limits = (-1, 3),
        };
        same.Add("profile", Mark.Ours, [.. report.SameCore.Select(row => Dot(row))]);
        same.AddGoal("promise for a profile alone", OxyPlot.LineStyle.Solid, [.. report.SameCore.Select(_ => (double?)2)]);

        var other = new DotPlot("tax beside a neighbour on another core, % of the work's processor time", [.. report.OtherCore.Select(row => $"the neighbour {row.Neighbour}")])
        {
            Reference = (0, "as alone"),
        };
        other.Add("profile", Mark.Ours, [.. report.OtherCore.Select(row => Dot(row))]);
        other.Add("without Pocketvisor, by a second core of the guest", Mark.Bare,
            [.. report.OtherCore.Select(row => report.BareOtherCore.FirstOrDefault(bare => bare.Neighbour == row.Neighbour) is { } bare ? Dot(bare) : null)]);
        var rounds = report.OtherCore.Select(row => row.Taxes.Count).DefaultIfEmpty(0).Max();
        return Html.Figure(figure,
                "A profile that computes beside a neighbour on the same core, by a clock that counts instructions. It is entitled to the part of the core that its weight says; the tax is what it lacks. "
                + "A core changes hands every 5 ms, which makes ± 0.3 % of uncertainty here. Counted instructions know nothing of caches and translations. " + Html.Conditions(report.Conditions), same.ToSvg())
            + Html.Figure(figure + 1,
                $"A profile that walks through 1 MB of memory, beside a neighbour on another core: processor time of the thread with which QEMU emulates the profile's core, in {rounds} turns; marks are medians, lines go from the least to the greatest. "
                + "The open marks are the same without Pocketvisor: what emulator and machine do to each other. Other programs ran on this machine, too.", other.ToSvg())
            + Html.Details(Html.Table(["neighbour", "core", "weight", "share", "tax", "from", "to"],
                report.SameCore.Select(row => Row(row, "same")).Concat(report.OtherCore.Select(row => Row(row, "other"))).Concat(report.BareOtherCore.Select(row => Row(row, "other, bare")))));
    }

    private static DotValue? Dot(ContentionRow row) => DotValue.Of([.. row.Taxes.Select(tax => 100 * tax)]);

    private static string[] Row(ContentionRow row, string core) =>
        [row.Neighbour, core, $"{row.Weight}", Html.Percent(row.Share, 0), Html.Percent(row.Tax, 1), Html.Percent(row.Taxes.Min(), 1), Html.Percent(row.Taxes.Max(), 1)];
}
