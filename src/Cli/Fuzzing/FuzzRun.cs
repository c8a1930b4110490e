using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Fuzzing;

/// <summary>One run of afl-fuzz.</summary>
public sealed class FuzzRun(FuzzFolder folder, FuzzProgram program)
{
    private const int Interrupt = 2; // SIGINT
    private const int InputMilliseconds = 5000; // An input that takes longer hangs.

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["AFL_NO_UI"] = "1",
        ["AFL_NO_AFFINITY"] = "1", // Others may want the core, too.
        ["AFL_SKIP_BIN_CHECK"] = "1", // It is dotnet, whose own instructions are not instrumented.
        ["AFL_SKIP_CPUFREQ"] = "1",
        ["AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES"] = "1", // Ours are exceptions, not core dumps.
        ["AFL_FORKSRV_INIT_TMOUT"] = "60000",
    };

    /// <summary>Fuzzes until the time is over or the user ends it; both are an end like any other.</summary>
    /// <exception cref="UserException">afl-fuzz could not begin.</exception>
    public async Task<FuzzResult> RunAsync(TimeSpan time, Action<string> report, CancellationToken cancellation)
    {
        FuzzFolder.MakeEmpty(folder.Output);
        var start = new ProcessStartInfo(Tool.Find("afl-fuzz")!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "-i", folder.Corpus, "-o", folder.Output, "-V", time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture), "-t", InputMilliseconds.ToString(CultureInfo.InvariantCulture),
            "-m", "none", "--", "dotnet", program.Instrumented, "run", folder.Target,
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in Settings)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        List<string> log = [];
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
        var watch = Stopwatch.StartNew();
        while (!process.HasExited && !cancellation.IsCancellationRequested && watch.Elapsed < time + Patience)
        {
            report(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:0} of {time.TotalSeconds:0} s"));
            await Task.WhenAny(process.WaitForExitAsync(CancellationToken.None), Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
        }

        if (!process.HasExited)
        {
            _ = kill(process.Id, Interrupt); // It writes its sums then.
            using var patience = new CancellationTokenSource(Patience);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }

        await reading;
        return FuzzResult.TryRead(folder) is { } result ? result
            : throw new UserException($"afl-fuzz could not begin; its last lines:{Environment.NewLine}{new ToolResult(process.ExitCode, log).Tail(12)}");

        async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
                lock (log)
                    log.Add(line);
        }
    }

    /// <summary>The next run begins where this one ended.</summary>
    public void KeepCorpus()
    {
        var queue = Path.Combine(folder.Output, "default/queue");
        if (!Directory.Exists(queue))
            return;
        FuzzFolder.MakeEmpty(folder.Corpus);
        foreach (var file in Directory.GetFiles(queue))
            File.Copy(file, Path.Combine(folder.Corpus, FuzzFinding.NameOf("input", File.ReadAllBytes(file))), overwrite: true);
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
