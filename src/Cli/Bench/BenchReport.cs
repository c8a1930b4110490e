using System.Globalization;
using Pocketvisor.Cli.Screen;
using Spectre.Console;

namespace Pocketvisor.Cli.Bench;

/// <summary>What came of a benchmark: for the screen, and as a file under artifacts/bench.</summary>
/// <param name="Subject">disk or network.</param>
/// <param name="Conditions">When and where.</param>
/// <param name="Options">How much was measured.</param>
/// <param name="Measurements">What was measured.</param>
public sealed record BenchReport(string Subject, BenchConditions Conditions, BenchOptions Options, IReadOnlyList<Measurement> Measurements) : IBenchReport
{
    /// <summary>Shows the medians of both sides, the ratio with its extremes, and the goal.</summary>
    public void Show(TextWriter output)
    {
        var table = new Listing([Subject.ToUpperInvariant()], ["BARE", "PROFILE", "UNIT", "RATIO", "FROM – TO", "GOAL"]);
        foreach (var each in Measurements)
            table.Add(
                each.Name, Amount(Measurement.Median(each.Bare)), Amount(Measurement.Median(each.Profile)), Markup.Escape(each.Unit),
                each.Reached switch { true => $"[green]{Ratio(each.Ratio)}[/]", false => $"[red]{Ratio(each.Ratio)}[/]", null => Ratio(each.Ratio) },
                $"{Ratio(each.Ratios.Min())} – {Ratio(each.Ratios.Max())}", each.Goal is { } goal ? Ratio(goal) : "");
        table.Write(output);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Conditions.Commit}, {Conditions.Time:yyyy-MM-dd HH:mm} UTC; guests with {Options.Cores} core(s), {Options.Rounds} rounds of {Options.Seconds} s; QEMU {Conditions.Qemu}, emulating, on {Conditions.Cores} cores of {Conditions.Processor}, load {Conditions.Load:0.0} before"));
    }

    private static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Amount(double amount) => amount.ToString(amount < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);
}
