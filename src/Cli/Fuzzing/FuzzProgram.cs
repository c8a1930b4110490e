using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Fuzzing;

/// <summary>The program in <c>fuzz/</c>: as it is built, and a copy of it for the fuzzer.</summary>
public sealed class FuzzProgram(Repository repository, Steps steps, FuzzFolder folder)
{
    private const string Name = "Pocketvisor.Fuzz.dll";

    // Whole libraries; the program itself holds the keeper's and the hypervisor's sources, and beside them fakes and targets, whose ways are no findings.
    private static readonly string[] Libraries = ["Pocketvisor.Flash.dll", "Pocketvisor.Profiles.dll", "Pocketvisor.Handset.dll"];

    private static readonly string[] Prefixes =
    [
        "Pocketvisor.DeviceTree.", "Pocketvisor.Keeper.Boot.", "Pocketvisor.Keeper.BootMedium.", "Pocketvisor.Keeper.Devices.Pl", "Pocketvisor.Keeper.Devices.Profile", "Pocketvisor.Keeper.Devices.Virtio.",
        "Pocketvisor.Keeper.Drivers.", "Pocketvisor.Keeper.Flash.", "Pocketvisor.Keeper.Link.", "Pocketvisor.Keeper.Network.", "Pocketvisor.Keeper.Profiles.",
        "Pocketvisor.Hypervisor.Boot.", "Pocketvisor.Hypervisor.Hypercalls.", "Pocketvisor.Hypervisor.Interrupts.", "Pocketvisor.Hypervisor.Memory.", "Pocketvisor.Hypervisor.Traps.", "Pocketvisor.Hypervisor.Vcpus.",
    ];

    private string Built => Path.Combine(repository.Root, "fuzz/bin/Release/net10.0");

    /// <summary>The copy that tells the fuzzer which ways an input takes.</summary>
    public string Instrumented => Path.Combine(folder.Program, Name);

    /// <summary>How a user runs an input once more.</summary>
    public string ReplayCommand => $"dotnet {Repository.Display(Path.Combine(Built, Name))} replay {folder.Target} FILE";

    /// <summary>Builds the program, and makes the copy and the seeds anew.</summary>
    /// <exception cref="UserException">It does not build.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await new ImageBuild(repository, steps).BuildFuzzerAsync(cancellation);
        await steps.RunAsync("Instrumenting it", async _ =>
        {
            FuzzFolder.MakeEmpty(folder.Program);
            foreach (var file in Directory.GetFiles(Built))
                File.Copy(file, Path.Combine(folder.Program, Path.GetFileName(file)));
            await ToolAsync(["tool", "restore"], cancellation);
            foreach (var library in Libraries)
                await ToolAsync(["sharpfuzz", Path.Combine(folder.Program, library)], cancellation);
            await ToolAsync(["sharpfuzz", Instrumented, .. Prefixes], cancellation);
            Directory.CreateDirectory(folder.Corpus);
            await ToolAsync([Path.Combine(Built, Name), "seeds", folder.Target, folder.Corpus], cancellation);
        });
    }

    /// <summary>Runs inputs once more, without the fuzzer.</summary>
    /// <returns>Of each that broke something, what.</returns>
    public async Task<IReadOnlyDictionary<string, string>> ReplayAsync(IReadOnlyCollection<string> files, CancellationToken cancellation)
    {
        Dictionary<string, string> broken = [];
        if (files.Count == 0)
            return broken;
        await Tool.RunAsync("dotnet", [Path.Combine(Built, Name), "replay", folder.Target, .. files], line =>
        {
            // FILE, a tab, what it did.
            if (line.Split('\t') is [var file, var what] && what != "nothing")
                broken[file] = what;
        }, cancellation: cancellation);
        return broken;
    }

    private async Task ToolAsync(string[] arguments, CancellationToken cancellation)
    {
        var result = await Tool.RunAsync("dotnet", arguments, folder: repository.Root, cancellation: cancellation);
        if (!result.Succeeded)
            throw new UserException($"`dotnet {string.Join(' ', arguments.Take(2))} …` failed; its last lines:{Environment.NewLine}{result.Tail(6)}");
    }
}
