using System.Globalization;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Sizes;

/// <summary>The table of sizes: parts, and below each its functions, the largest first.</summary>
public static class SizeScreen
{
    /// <summary>Shows all of it.</summary>
    public static void Show(TextWriter output, SizeComparison sizes)
    {
        var table = new Listing(["HYPERVISOR"], sizes.Base is null ? ["BYTES"] : ["BYTES", $"SINCE {sizes.Base}"]);
        foreach (var part in sizes.Parts)
        {
            Add(part.Part, part, "bold");
            foreach (var row in sizes.Rows.Where(row => row.Part == part.Part).OrderByDescending(row => row.Bytes).ThenBy(row => row.Name))
                Add("  " + row.Name, row, "default");
        }
        Add("all", new SizeRow("", "", sizes.Rows.Sum(row => row.Bytes), sizes.Base is null ? null : sizes.Rows.Sum(row => row.Change)), "bold");
        table.Write(output);
        output.WriteLine("A function has the bytes of those that the compiler put into it.");

        void Add(string name, SizeRow row, string style)
        {
            var bytes = $"[{style}]{row.Bytes.ToString("N0", CultureInfo.InvariantCulture)}[/]";
            if (sizes.Base is null)
                table.Add(name, bytes);
            else
                table.Add(name, bytes, row.Change is { } change and not 0 ? $"[{(change < 0 ? "green" : "yellow")}]{change.ToString("+#,0;-#,0", CultureInfo.InvariantCulture)}[/]" : "");
        }
    }
}
