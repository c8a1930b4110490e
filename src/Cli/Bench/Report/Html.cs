using System.Globalization;
using System.Net;
using System.Text;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>Pieces of the page.</summary>
internal static class Html
{
    /// <summary>Text that may hold anything.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A number as readers want it: whole from 100 on, else with so many digits that it says something.</summary>
    public static string Number(double number) => number.ToString(
        Math.Abs(number) switch { >= 100 => "#,0", >= 10 => "0.0", >= 1 or 0 => "0.00", _ => "0.####" }, CultureInfo.InvariantCulture);

    /// <summary>A part of one, in percent.</summary>
    public static string Percent(double part, int digits) => (100 * part).ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + " %";

    /// <summary>Plots beside each other, and what they show.</summary>
    public static string Figure(int number, string caption, params IEnumerable<string> plots) =>
        $"<figure><div class=\"plots\">{string.Concat(plots)}</div><figcaption><b>Figure {number}.</b> {caption}</figcaption></figure>\n";

    /// <summary>A table: the first column holds words, the others numbers.</summary>
    public static string Table(IEnumerable<string> head, IEnumerable<IEnumerable<string>> rows)
    {
        var html = new StringBuilder("<table><thead><tr>");
        foreach (var cell in head)
            html.Append("<th>").Append(Text(cell)).Append("</th>");
        html.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            html.Append("<tr>");
            foreach (var cell in row)
                html.Append("<td>").Append(Text(cell)).Append("</td>");
            html.Append("</tr>\n");
        }
        return html.Append("</tbody></table>\n").ToString();
    }

    /// <summary>The table below a figure, which is there for who looks for it.</summary>
    public static string Details(string table) => $"<details><summary>The figures</summary>{table}</details>\n";

    /// <summary>Under what conditions it was measured.</summary>
    public static string Conditions(BenchConditions conditions) => Text(string.Create(CultureInfo.InvariantCulture,
        $"{conditions.Commit}, {conditions.Time:yyyy-MM-dd HH:mm} UTC, QEMU {conditions.Qemu} on {conditions.Cores} cores of {conditions.Processor}, load {conditions.Load:0.0} before."));
}
