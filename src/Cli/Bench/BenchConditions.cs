using System.Globalization;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Bench;

/// <summary>Under what conditions something was measured. Figures without them say little.</summary>
/// <param name="Commit">The commit, with a + if files have changed since.</param>
/// <param name="Time">When.</param>
/// <param name="Processor">This machine's processor.</param>
/// <param name="Cores">Its cores.</param>
/// <param name="Load">How many programs wanted to run in the minute before.</param>
/// <param name="Qemu">QEMU's version. It emulates, so one instruction of a guest is several of this machine's.</param>
public sealed record BenchConditions(string Commit, DateTimeOffset Time, string Processor, int Cores, double Load, string Qemu)
{
    /// <summary>Those of now.</summary>
    public static async Task<BenchConditions> NowAsync(Repository repository, CancellationToken cancellation)
    {
        var commit = await SayAsync("git", ["-C", repository.Root, "rev-parse", "--short", "HEAD"], cancellation);
        // What was recorded doesn't change what is measured.
        var changes = await SayAsync("git", ["-C", repository.Root, "status", "--porcelain", "--untracked-files=no", "--", ".", $":(exclude){RecordedFigures.RelativePath}"], cancellation);
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ").Last();
        var load = double.Parse((await File.ReadAllTextAsync("/proc/loadavg", cancellation)).Split(' ')[0], CultureInfo.InvariantCulture);
        var qemu = (await SayAsync("qemu-system-aarch64", ["--version"], cancellation)).Split(' ').ElementAtOrDefault(3);
        return new BenchConditions(
            commit.Length == 0 ? "unknown" : changes.Length == 0 ? commit : commit + "+", DateTimeOffset.UtcNow, processor ?? "unknown", Environment.ProcessorCount, load, qemu ?? "unknown");
    }

    /// <summary>Them in a line, where instructions are counted: then neither this machine nor its load matters.</summary>
    /// <param name="xen">Which Xen was beside it, if one was.</param>
    public string Counted(string? xen) => string.Create(CultureInfo.InvariantCulture, $"{Commit}, {Time:yyyy-MM-dd HH:mm} UTC; counted instructions (QEMU {Qemu}, -icount shift=1,sleep=off, Cortex-A72{(xen is null ? "" : $"; {xen}")})");

    // A source tree need not come from git.
    private static async Task<string> SayAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        if (Tool.Find(program) is null)
            return "";
        var result = await Tool.RunAsync(program, arguments, cancellation: cancellation);
        return result.Succeeded ? result.Lines.FirstOrDefault() ?? "" : "";
    }
}
