using OxyPlot;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>What becomes of tax, switches and memory with more profiles.</summary>
internal static class ScaleSection
{
    private const double Mega = 1 << 20;

    public static string? Make(BenchFiles files, int figure)
    {
        if (files.Read<ScaleReport>("scale") is not { Points: { Count: > 0 } points } report)
            return null;
        var tax = new LinePlot("profiles on one core", "tax, %") { Step = 4 };
        tax.Add("in sum", Mark.Several[0], points.Select(point => ((double)point.Profiles, 100 * point.Tax)));
        tax.Add("while a profile has the core", Mark.Several[1], points.Select(point => ((double)point.Profiles, 100 * point.TaxAtWork)));
        tax.AddGoal(0.05, "wanted, one alone: 0.05", LineStyle.Dash);

        var switches = new LinePlot("profiles on one core", "instructions for a switch") { Step = 4 };
        switches.Add("from one profile to the next", Mark.Several[0],
            points.Where(point => point.InstructionsPerSwitch is not null).Select(point => ((double)point.Profiles, point.InstructionsPerSwitch!.Value)));

        var memory = new LinePlot("profiles on 1 GB", "kept, MB") { Step = 4, Top = 22 };
        memory.Add("hypervisor and keeper", Mark.Several[0], points.Select(point => ((double)point.Profiles, point.Memory.KeptBytes / Mega)));
        memory.AddPeer(KeptMemory.Xen / Mega, "Xen 4.17: 19.6", Mark.Xen);
        memory.AddGoal(KeptMemory.Wanted / Mega, "wanted: 8", LineStyle.Dash);
        return Html.Figure(figure,
                "1 to 16 profiles that compute without rest, each with a timer of 100 Hz, on a handset with one core; a core changes hands after 5 ms. The tax is against the same work done by one guest after the other without Pocketvisor. "
                + "By a clock that counts instructions, so each point was measured once. " + Html.Conditions(report.Conditions), tax.ToSvg(), switches.ToSvg(), memory.ToSvg())
            + Html.Details(Html.Table(["profiles", "tax", "tax at work", "switches", "instructions for each", "kept, MB"], points.Select(point => new[]
            {
                $"{point.Profiles}", Html.Percent(point.Tax, 3), Html.Percent(point.TaxAtWork, 3), Html.Number(point.Switches),
                point.InstructionsPerSwitch is { } each ? Html.Number(each) : "–", Html.Number(point.Memory.KeptBytes / Mega),
            })));
    }
}
