using System.CommandLine;
using System.Diagnostics;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket up</c>: from a fresh checkout to a running handset.</summary>
public static class UpCommand
{
    private static readonly HelpText Help = new(
        "Start the handset: install what is missing, build what is stale, fetch the guests on the first run, boot, and show every console.",
        "",
        [
            "pocket up                          4 cores, 2 GB, the profiles in profiles/",
            "pocket up --detach                 in the background; `pocket down` ends it",
            "pocket up --cores 2 --memory 1536M",
            "pocket up --profiles ~/phones      a folder that holds one folder for each profile",
        ]);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var detach = new Option<bool>("--detach", "-d") { Description = "Run the handset in the background." };
        var cores = new Option<int>("--cores", "-c") { Description = "Cores of the handset, 1 to 8.", DefaultValueFactory = _ => 4, HelpName = "N" };
        cores.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var count) || count is < 1 or > 8))
                result.AddError($"--cores must be a number from 1 to 8; it is \"{result.Tokens[0].Value}\"");
        });
        var memory = new Option<string>("--memory", "-m") { Description = "Memory of the handset, such as 1536M or 2G.", DefaultValueFactory = _ => "2G", HelpName = "SIZE" };
        memory.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !MemorySize.TryParse(result.Tokens[0].Value, out _))
                result.AddError($"--memory must be a number with M or G, from 2M to 64G and a multiple of 2M; it is \"{result.Tokens[0].Value}\"");
        });
        var profiles = new Option<string?>("--profiles", "-p") { Description = "The folder with the profiles [default: profiles/ of the source tree].", HelpName = "DIR" };
        var gdb = new Option<string?>("--gdb") { Description = "Where gdb may connect, as QEMU's -gdb takes it: tcp::1234.", HelpName = "ADDRESS" };
        var timeout = CommonOptions.Timeout("How long each profile may take to shut down before it is switched off [default: 20].");
        var hub = new Option<bool>("--hub") { Hidden = true };

        var command = new DocumentedCommand("up", Help) { detach, cores, memory, profiles, gdb, timeout, hub };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var folder = parsed.GetValue(profiles);
            var loaded = Profile.LoadAll(Repository.Display(folder ?? repository.Profiles));
            MemorySize.TryParse(parsed.GetValue(memory), out var size);
            var options = new HandsetOptions
            {
                Image = repository.Image,
                Profiles = loaded,
                Cores = parsed.GetValue(cores),
                Memory = size,
                Gdb = parsed.GetValue(gdb),
            };
            var state = new RunState(repository);
            state.RequireNone();
            if (!parsed.GetValue(hub))
                await PrepareAsync(repository, loaded, forTests: false, cancellation);
            if (parsed.GetValue(detach))
                return await DetachAsync(state, parsed.Tokens.Select(token => token.Value).Where(token => token is not ("--detach" or "-d")), cancellation);
            var screen = new BootScreen(parsed.InvocationConfiguration.Output, Spectre.Console.AnsiConsole.Profile.Capabilities.Ansi && !Console.IsOutputRedirected);
            TimeSpan? patience = parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            return await new HandsetHub(state, screen).RunAsync(options, patience, cancellation);
        });
        return command;
    }

    /// <summary>Installs packages, builds the image and prepares the guests, as far as needed.</summary>
    internal static async Task PrepareAsync(Repository repository, IReadOnlyList<Profile> profiles, bool forTests, CancellationToken cancellation)
    {
        var steps = new Steps();
        await new HostPackages(steps).EnsureAsync(forTests, cancellation);
        await new ImageBuild(repository, steps).BuildImageAsync(cancellation);
        await new GuestPreparation(repository, steps).PrepareAsync(profiles, cancellation);
        foreach (var profile in profiles)
            profile.RequireFiles();
    }

    private static async Task<int> DetachAsync(RunState state, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        // A session of its own: it survives this terminal. Its output goes to a file; nothing ties it to us.
        Directory.CreateDirectory(Path.GetDirectoryName(state.HubOutput)!);
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true };
        string[] command = ["sh", "-c", "exec \"$@\" </dev/null >\"$0\" 2>&1", state.HubOutput, Environment.ProcessPath!, typeof(UpCommand).Assembly.Location, .. arguments, "--hub"];
        foreach (var argument in command)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        await new Steps().RunAsync("Booting the handset", async _ =>
        {
            while (true)
            {
                using var socket = await state.TryConnectAsync(cancellation);
                if (socket is not null)
                    return;
                if (process.HasExited)
                    throw new UserException($"The handset did not come up. Its last words:{Environment.NewLine}{string.Join(Environment.NewLine, File.ReadLines(state.HubOutput).TakeLast(20).Select(line => "  " + line))}");
                await Task.Delay(100, cancellation);
            }
        });
        Console.Out.WriteLine("The handset is up in the background: see `pocket list`; `pocket down` turns it off.");
        return ExitCodes.Done;
    }
}
