using System.CommandLine;
using System.Globalization;
using Pocketvisor.Cli.Fuzzing;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Fuzz;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket fuzz</c>: looks for inputs that break what must hold.</summary>
public static class FuzzCommand
{
    private const string DefaultTime = "1m";
    private const int MostShown = 10;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var target = new Argument<string?>("TARGET") { Description = "What to fuzz; --list shows what there is.", Arity = ArgumentArity.ZeroOrOne };
        target.Validators.Add(result =>
        {
            var names = TargetNames.All.Select(each => each.Name).ToList();
            if (result.Tokens.Count == 1 && !names.Contains(result.Tokens[0].Value))
                result.AddError($"There is no target \"{result.Tokens[0].Value}\"; {(NearestName.Of(result.Tokens[0].Value, names) is { } nearest ? $"did you mean \"{nearest}\"?" : $"the targets are {string.Join(", ", names)}.")}");
        });
        var time = new Option<string>("--for") { Description = "How long.", HelpName = "TIME", DefaultValueFactory = _ => DefaultTime };
        time.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !Duration.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--for must be {Duration.Allowed}; it is \"{result.Tokens[0].Value}\"");
        });
        var list = new Option<bool>("--list") { Description = "List the targets." };
        var command = new DocumentedCommand("fuzz", new HelpText(
            "Look for inputs that break a parser, a device or the hypervisor, with AFL++ and coverage.",
            "Ctrl-C ends it early. It says how many inputs it ran and how many edges they covered, and keeps those that broke something in artifacts/fuzz/TARGET/found; the exit code is 1 then. The next run goes on with what this one has learnt.",
            [
                "pocket fuzz --list",
                "pocket fuzz exfat --for 10m",
            ])) { target, time, list };
        command.SetAction(async (parsed, cancellation) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(list))
            {
                foreach (var (name, summary) in TargetNames.All)
                    output.WriteLine($"{name,-14} {summary}");
                return ExitCodes.Done;
            }
            Duration.TryParse(parsed.GetValue(time), out var duration);
            return parsed.GetValue(target) is { } chosen ? await RunAsync(chosen, duration, output, cancellation)
                : throw new UserException("`pocket fuzz` needs TARGET; `pocket fuzz --list` shows what there is.", ExitCodes.Usage);
        });
        return command;
    }

    private static async Task<int> RunAsync(string target, TimeSpan time, TextWriter output, CancellationToken cancellation)
    {
        var repository = Repository.Find();
        var steps = new Steps();
        var folder = new FuzzFolder(repository, target);
        using var taken = folder.Lock();
        await new HostPackages(steps).EnsureForFuzzingAsync(cancellation);
        var program = new FuzzProgram(repository, steps, folder);
        await program.PrepareAsync(cancellation);

        // afl-fuzz would leave out what breaks at once.
        List<FuzzFinding> findings = [];
        foreach (var (file, what) in await program.ReplayAsync(Directory.GetFiles(folder.Corpus), cancellation))
        {
            findings.Add(FuzzFinding.Keep(folder, "crash", file, what));
            File.Delete(file);
        }

        var run = new FuzzRun(folder, program);
        FuzzResult? result = null;
        await steps.RunAsync($"Fuzzing {target}", async report => result = await run.RunAsync(time, report, cancellation));
        run.KeepCorpus();
        await AddAsync("crash", result!.Crashes);
        await AddAsync("hang", result.Hangs);
        Show(output, folder, program, result, findings);
        return findings.Count > 0 ? ExitCodes.Failed : cancellation.IsCancellationRequested ? ExitCodes.Interrupted : ExitCodes.Done;

        async Task AddAsync(string kind, IReadOnlyList<string> files)
        {
            var again = await program.ReplayAsync(files, CancellationToken.None);
            findings.AddRange(files.Select(file => FuzzFinding.Keep(folder, kind, file, again.GetValueOrDefault(file))));
        }
    }

    private static void Show(TextWriter output, FuzzFolder folder, FuzzProgram program, FuzzResult result, IReadOnlyList<FuzzFinding> findings)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{folder.Target}: {result.Executions:N0} executions in {result.Seconds:N0} s, {result.Edges:N0} edges covered, {result.Inputs:N0} inputs kept, {findings.Count - result.Hangs.Count:N0} crashes, {result.Hangs.Count:N0} hangs"));
        if (findings.Count == 0)
            return;
        output.WriteLine($"Their inputs are in {Repository.Display(folder.Found)}, each with a text for tests/Fuzz.Tests/Crashers/{folder.Target}.txt. What they broke:");
        var kinds = findings.GroupBy(finding => finding.What).ToList();
        foreach (var kind in kinds.Take(MostShown))
            output.WriteLine($"  {Path.GetFileName(kind.First().File)}{(kind.Count() > 1 ? $" and {kind.Count() - 1} more" : "")}: {kind.Key}");
        if (kinds.Count > MostShown)
            output.WriteLine($"  … and {kinds.Count - MostShown} more kinds");
        output.WriteLine($"One again: {program.ReplayCommand}");
    }
}
