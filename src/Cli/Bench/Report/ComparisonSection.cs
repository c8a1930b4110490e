using OxyPlot;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>A profile beside the same guest bare: disk and network.</summary>
internal static class ComparisonSection
{
    public static string? Make(BenchFiles files, string subject, int figure)
    {
        if (files.ReadComparison(subject) is not { Measurements: { Count: > 0 } measurements } report)
            return null;
        var plot = new DotPlot("profile, relative to the same guest without Pocketvisor", [.. measurements.Select(each => each.Name.Trim())])
        {
            Reference = (1, "as good as bare"),
            Limits = (0, double.NaN),
        };
        plot.AddGoal("promise: at least", LineStyle.Solid, [.. measurements.Select(each => each.Goal)]);
        plot.Add("profile", Mark.Ours, [.. measurements.Select(each => (DotValue?)new DotValue(each.Ratio, each.Ratios.Min(), each.Ratios.Max()))]);
        return Html.Figure(figure,
                $"Median of {report.Options.Rounds} rounds, from the least to the greatest; 1 is as good as bare and less is worse, for times too. Guests with {report.Options.Cores} core, which took turns. "
                + Html.Conditions(report.Conditions), plot.ToSvg())
            + Html.Details(Html.Table(["", "unit", "bare", "profile", "ratio", "from", "to"], measurements.Select(each => new[]
            {
                each.Name.Trim(), each.Unit, Html.Number(Measurement.Median(each.Bare)), Html.Number(Measurement.Median(each.Profile)),
                Html.Number(each.Ratio), Html.Number(each.Ratios.Min()), Html.Number(each.Ratios.Max()),
            })));
    }
}
