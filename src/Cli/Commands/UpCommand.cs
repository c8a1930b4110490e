using System.CommandLine;
using System.Diagnostics;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket up</c>: from a fresh checkout to a running handset.</summary>
public static class UpCommand
{
    private static readonly HelpText Help = new(
        "Start a handset: install what is missing, build what is stale, fetch the guests on the first run, boot, and show every console.",
        "Without a name it is the handset \"phone\", made on the first run, and the sample profiles are brought onto its flash. Make others with `pocket handset create`. Several may be up at the same time.",
        [
            "pocket up                          the handset \"phone\"",
            "pocket up --detach                 in the background; `pocket down` ends it",
            "pocket up --cores 2 --memory 1536M for this run",
            "pocket up phone-b                  another handset",
            "pocket up phone-b --profiles ~/phones  first put the profiles in this folder on its flash",
        ]);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = CommonOptions.Handset();
        var detach = new Option<bool>("--detach", "-d") { Description = "Run the handset in the background." };
        var cores = CommonOptions.Cores("Cores of the handset for this run, 1 to 8 [default: what it was made with].");
        var memory = CommonOptions.Memory("Memory of the handset for this run, such as 1536M or 2G [default: what it was made with].");
        var profiles = new Option<string?>("--profiles", "-p") { Description = "A folder of profiles to bring onto the flash first: those that are new, and those that changed.", HelpName = "DIR" };
        var gdb = new Option<string?>("--gdb") { Description = "Where gdb may connect, as QEMU's -gdb takes it: tcp::1234.", HelpName = "ADDRESS" };
        var timeout = CommonOptions.Timeout("How long each profile may take to shut down before it is switched off [default: 20].");
        var hub = new Option<bool>("--hub") { Hidden = true };

        var command = new DocumentedCommand("up", Help) { name, detach, cores, memory, profiles, gdb, timeout, hub };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            StoredHandset.RequireName(parsed.GetValue(name)!);
            if (parsed.GetValue(name) != StoredHandset.Default && !StoredHandset.Exists(repository, parsed.GetValue(name)!))
                throw StoredHandset.Missing(repository, parsed.GetValue(name)!);
            var state = new RunState(repository, parsed.GetValue(name)!);
            state.RequireNone();
            if (!parsed.GetValue(hub))
                await PrepareAsync(repository, state.Handset, parsed.GetValue(profiles), cancellation);
            if (parsed.GetValue(detach))
                return await DetachAsync(state, parsed.Tokens.Select(token => token.Value).Where(token => token is not ("--detach" or "-d")), cancellation);

            var handset = StoredHandset.Load(repository, state.Handset);
            var options = new HandsetOptions
            {
                Image = repository.Image,
                Flash = handset.FlashPath,
                Cores = parsed.GetValue(cores) ?? handset.Settings.Cores,
                Memory = MemorySize.TryParse(parsed.GetValue(memory), out var size) ? size : handset.Settings.MemorySize,
                Gic = handset.Settings.Gic,
                Gdb = parsed.GetValue(gdb),
            };
            var screen = new BootScreen(parsed.InvocationConfiguration.Output, Spectre.Console.AnsiConsole.Profile.Capabilities.Ansi && !Console.IsOutputRedirected);
            TimeSpan? patience = parsed.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            return await new HandsetHub(state, screen).RunAsync(options, patience, cancellation);
        });
        return command;
    }

    /// <summary>Installs packages, builds the image, makes the handset if it is the default one, and brings profiles onto its flash, as far as needed.</summary>
    private static async Task PrepareAsync(Repository repository, string name, string? folder, CancellationToken cancellation)
    {
        IReadOnlyList<Profile> profiles = folder is not null ? Profile.LoadAll(Repository.Display(folder))
            : name == StoredHandset.Default ? Profile.LoadAll(Repository.Display(repository.Samples))
            : [];

        var steps = new Steps();
        await new HostPackages(steps).EnsureAsync(forTests: false, cancellation);
        await new ImageBuild(repository, steps).BuildImageAsync(cancellation);
        await ProfileReadiness.EnsureAsync(repository, steps, profiles, cancellation);
        var handset = StoredHandset.Exists(repository, name)
            ? StoredHandset.Load(repository, name)
            : await HandsetCreateCommand.CreateAsync(repository, name, new HandsetSettings(), StoredHandset.DefaultFlash, cancellation);
        await new FlashUpdate(handset, Console.Error.WriteLine).RunAsync(profiles, cancellation);
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
        await new Steps().RunAsync($"Booting {state.Handset}", async _ =>
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
        Console.Out.WriteLine($"{state.Handset} is up in the background: see `pocket list`; `pocket down` turns it off.");
        return ExitCodes.Done;
    }
}
