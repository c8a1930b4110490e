using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>The page with everything that <c>pocket bench</c> has measured, in one file that needs no other.</summary>
public static partial class ReportPage
{
    /// <summary>Its sections, in their order.</summary>
    private static readonly IReadOnlyList<ReportSection> s_sections =
    [
        new("tax", "CPU tax", TaxSection.Make),
        new("exits", "Exits", ExitsSection.Make),
        new("boot", "Boot", BootSection.Make),
        new("memory", "Memory", MemorySection.Make),
        new("scale", "Scale", ScaleSection.Make),
        new("contention", "Contention", ContentionSection.Make),
        new("disk", "Disk", (files, figure) => ComparisonSection.Make(files, "disk", figure)),
        new("network", "Network", (files, figure) => ComparisonSection.Make(files, "network", figure)),
    ];

    private const string Style = """
        body { font: 16px/1.5 Georgia, "Liberation Serif", serif; color: #222; max-width: 820px; margin: 2.5em auto; padding: 0 1em; }
        h1, h2, th { font-family: Helvetica, Arial, sans-serif; }
        h1 { margin-bottom: 0; }
        h2 { margin-top: 2em; border-bottom: 1px solid #222; }
        figure { margin: 1.2em 0; }
        .plots { display: flex; flex-wrap: wrap; gap: 8px; }
        svg { max-width: 100%; height: auto; overflow: visible; }
        figcaption, details, .missing { font-size: 14px; color: #444; }
        table { border-collapse: collapse; margin: 0.8em 0; font-size: 14px; }
        th, td { padding: 0.15em 0.8em 0.15em 0; text-align: right; font-variant-numeric: tabular-nums; vertical-align: bottom; }
        th:first-child, td:first-child { text-align: left; }
        thead { border-bottom: 1px solid #222; }
        tbody tr:nth-child(even) { background: #f5f5f5; }
        code { font-size: 0.9em; }
        @media print { body { margin: 0; max-width: none; } figure { break-inside: avoid; } }
        """;

    /// <summary>Makes the page.</summary>
    /// <param name="files">What has been measured.</param>
    /// <param name="now">The time that it bears.</param>
    public static string Make(BenchFiles files, DateTimeOffset now)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Pocketvisor: benchmarks</title>\n");
        html.Append("<style>\n").Append(Style).Append("\n</style></head><body>\n");
        html.Append("<h1>Pocketvisor: benchmarks</h1>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p>Made by <code>pocket bench</code> at {now:yyyy-MM-dd HH:mm} UTC. What is measured, how, and what it means: <code>docs/benchmarks.md</code>. The numbers are in the JSON files beside this page.</p>\n");
        html.Append(SummaryTable.Make(files));
        var figure = 1;
        foreach (var section in s_sections)
        {
            html.Append("<h2>").Append(Html.Text(section.Title)).Append("</h2>\n");
            if (section.Make(files, figure) is { } body)
            {
                html.Append(body);
                figure += Count(body, "<figure>");
            }
            else
            {
                html.Append("<p class=\"missing\">Not measured, or by another version: <code>pocket bench ").Append(section.Subject).Append("</code> does it.</p>\n");
            }
        }
        var others = files.Subjects.Except(s_sections.Select(section => section.Subject)).ToList();
        if (others.Count > 0)
            html.Append("<p class=\"missing\">Not shown here, but there: ").Append(string.Join(", ", others.Select(subject => $"<code>{Html.Text(subject)}.json</code>"))).Append(".</p>\n");
        return WithOwnNames(html.Append("</body></html>\n").ToString());
    }

    // Names in an SVG are the whole page's, and OxyPlot begins to count in each plot anew.
    private static string WithOwnNames(string page)
    {
        var plot = 0;
        return Plot().Replace(page, match => match.Value
            .Replace("id=\"clipPath", string.Create(CultureInfo.InvariantCulture, $"id=\"plot{++plot}-"), StringComparison.Ordinal)
            .Replace("url(#clipPath", string.Create(CultureInfo.InvariantCulture, $"url(#plot{plot}-"), StringComparison.Ordinal));
    }

    [GeneratedRegex("<svg .*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Plot();

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
