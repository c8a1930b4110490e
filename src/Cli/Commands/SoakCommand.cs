using System.CommandLine;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Soak;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket soak</c>: two busy profiles for hours.</summary>
public static class SoakCommand
{
    private const string DefaultTime = "3m";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var time = new Option<string>("--for") { Description = "How long.", HelpName = "TIME", DefaultValueFactory = _ => DefaultTime };
        time.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !Duration.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--for must be {Duration.Allowed}; it is \"{result.Tokens[0].Value}\"");
        });
        var seed = new Option<int>("--seed") { Description = "Of its choices; another one each time if you give none.", HelpName = "N", DefaultValueFactory = _ => Random.Shared.Next() };
        var command = new DocumentedCommand("soak", new HelpText(
            "Keep a handset busy: two profiles under stress-ng, which are started, stopped, killed, asked, and transferred at random.",
            "It fails if a profile ends by itself, if stress-ng finds a mistake, if a transfer changes a byte, or if hypervisor and keeper keep a page more than at first. Ctrl-C ends it early. The log is artifacts/soak/handset.log.",
            ["pocket soak", "pocket soak --for 2h", "pocket soak --for 10m --seed 7"])) { time, seed };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var steps = new Steps();
            await new HostPackages(steps).EnsureAsync(forTests: false, cancellation);
            await new ImageBuild(repository, steps).BuildImageAsync(cancellation);
            Duration.TryParse(parsed.GetValue(time), out var duration);
            var result = await RunAsync(repository, steps, duration, parsed.GetValue(seed), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(result);
            return result.Passed ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    /// <summary>Makes the handset and keeps it busy.</summary>
    public static async Task<SoakResult> RunAsync(Repository repository, Steps steps, TimeSpan time, int seed, CancellationToken cancellation)
    {
        var guest = await new GuestPreparation(repository, steps).FilesAsync(cancellation);
        await new LabGuest(repository, steps).EnsureAsync(guest, cancellation);
        SoakResult? result = null;
        await steps.RunAsync("Keeping two profiles busy", async report =>
        {
            await using var soak = await SoakHandset.StartAsync(repository, guest, cancellation);
            result = await new SoakRun(soak, seed).RunAsync(time, report, cancellation);
            var log = Path.Combine(Directory.CreateDirectory(Path.Combine(repository.Root, "artifacts", "soak")).FullName, "handset.log");
            await File.WriteAllLinesAsync(log, soak.Handset.Log, CancellationToken.None);
        });
        return result!;
    }
}
