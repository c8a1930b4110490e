using System.Text.Json;
using Pocketvisor.Cli.Hub;

namespace Pocketvisor.Cli.Bench.Report;

/// <summary>The files that the parts of <c>pocket bench</c> have left, some of them perhaps long ago, or by another version.</summary>
/// <param name="folder">Where they are.</param>
public sealed class BenchFiles(string folder)
{
    /// <summary>The parts that have left something.</summary>
    public IReadOnlyList<string> Subjects =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)] : [];

    /// <summary>Reads a part's file; null if there is none, or it isn't what this version writes.</summary>
    public T? Read<T>(string subject)
        where T : class => Read(subject, root => root.Deserialize<T>(ControlJson.Line));

    /// <summary>The same, by a function.</summary>
    public T? Read<T>(string subject, Func<JsonElement, T?> read)
        where T : class
    {
        var path = Path.Combine(folder, $"{subject}.json");
        if (!File.Exists(path))
            return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            return read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Reads a part that compares a profile with the same guest bare.</summary>
    public BenchReport? ReadComparison(string subject) => Read(subject, root =>
    {
        List<Measurement> measurements = [];
        foreach (var each in root.GetProperty("measurements").EnumerateArray())
        {
            var measurement = new Measurement(
                each.GetProperty("name").GetString()!, each.GetProperty("unit").GetString()!, each.GetProperty("lessIsBetter").GetBoolean(),
                each.TryGetProperty("goal", out var goal) && goal.ValueKind == JsonValueKind.Number ? goal.GetDouble() : null);
            foreach (var (side, name) in new[] { (BenchSide.Bare, "bare"), (BenchSide.Profile, "profile") })
                foreach (var number in each.GetProperty(name).EnumerateArray())
                    measurement.Add(side, number.GetDouble());
            if (measurement.Ratios.Count > 0)
                measurements.Add(measurement);
        }
        var conditions = root.GetProperty("conditions").Deserialize<BenchConditions>(ControlJson.Line)!;
        return new BenchReport(subject, conditions, root.GetProperty("options").Deserialize<BenchOptions>(ControlJson.Line)!, measurements);
    });
}
