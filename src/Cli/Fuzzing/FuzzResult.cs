using System.Globalization;

namespace Pocketvisor.Cli.Fuzzing;

/// <summary>What a run tried.</summary>
/// <param name="Executions">Inputs that were run.</param>
/// <param name="Seconds">How long that took.</param>
/// <param name="Edges">Steps from one branch to another that were seen.</param>
/// <param name="Inputs">Inputs that are kept, because each takes a way of its own.</param>
/// <param name="Crashes">Files of inputs that broke something, as afl-fuzz left them.</param>
/// <param name="Hangs">Files of inputs that did not end.</param>
public sealed record FuzzResult(long Executions, long Seconds, long Edges, long Inputs, IReadOnlyList<string> Crashes, IReadOnlyList<string> Hangs)
{
    /// <summary>Reads afl-fuzz's sums; null if it has written none.</summary>
    public static FuzzResult? TryRead(FuzzFolder folder)
    {
        var output = Path.Combine(folder.Output, "default");
        var stats = Path.Combine(output, "fuzzer_stats");
        if (!File.Exists(stats))
            return null;
        var values = File.ReadLines(stats).Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        return new FuzzResult(Number("execs_done"), Number("run_time"), Number("edges_found"), Number("corpus_count"), Inputs("crashes"), Inputs("hangs"));

        long Number(string name) => long.TryParse(values.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var number) ? number : 0;

        string[] Inputs(string kind) => Directory.Exists(Path.Combine(output, kind)) ? [.. Directory.GetFiles(Path.Combine(output, kind), "id:*").Order(StringComparer.Ordinal)] : [];
    }
}
