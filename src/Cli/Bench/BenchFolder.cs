using System.Text.Json;
using Pocketvisor.Cli.Bench.Report;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;

namespace Pocketvisor.Cli.Bench;

/// <summary>artifacts/bench: a JSON file for each report, and below logs/ what the machines said.</summary>
public sealed class BenchFolder(Repository repository)
{
    private string Root => Path.Combine(repository.Root, "artifacts", "bench");

    /// <summary>The guest of bench/Exits.</summary>
    public string ExitsGuest => Path.Combine(Root, "exits.bin");

    /// <summary>The guest of bench/Pace.</summary>
    public string PaceGuest => Path.Combine(Root, "pace.bin");

    /// <summary>Writes a report.</summary>
    public void Save(IBenchReport report)
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(Path.Combine(Root, $"{report.Subject}.json"), JsonSerializer.Serialize<object>(report, ControlJson.Pretty) + "\n");
    }

    /// <summary>Makes the report page of all that has been measured.</summary>
    /// <returns>Its path.</returns>
    public string SavePage()
    {
        var path = Path.Combine(Directory.CreateDirectory(Root).FullName, "report.html");
        File.WriteAllText(path, ReportPage.Make(new BenchFiles(Root), DateTimeOffset.UtcNow));
        return path;
    }

    /// <summary>Keeps what a machine said.</summary>
    /// <param name="name">Of the file, as in <c>tax-bare</c>.</param>
    /// <param name="text">What it said.</param>
    public void SaveLog(string name, string text)
    {
        var logs = Directory.CreateDirectory(Path.Combine(Root, "logs")).FullName;
        File.WriteAllText(Path.Combine(logs, $"{name}.txt"), text);
    }
}
