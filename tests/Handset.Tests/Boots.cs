using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Profiles;
using Xunit;

// A handset uses all cores of this machine: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Pocketvisor.Handsets.Tests;

/// <summary>What tests put on handsets.</summary>
internal static class Boots
{
    /// <summary>How long a boot may take on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>A Debian profile of the source tree, with other cores and memory if wanted.</summary>
    public static IEnumerable<CpioEntry> Debian(string name, int cores, string memory = null, bool autostart = true, string mac = null)
    {
        var profile = Sample(name);
        var manifest = DebianManifest(name, cores) with { Autostart = autostart, Memory = memory is null ? profile.Manifest.Memory : Size(memory), Mac = mac };
        return BootMedium.Entries(manifest, File.ReadAllBytes(profile.KernelPath), File.ReadAllBytes(profile.InitrdPath));
    }

    /// <summary>The manifest of a Debian profile of the source tree.</summary>
    public static ProfileManifest DebianManifest(string name, int cores) => Sample(name).Manifest with { Cores = cores };

    /// <summary>Its kernel and its initrd.</summary>
    public static (string Name, byte[] Contents)[] DebianFiles(string name)
    {
        var profile = Sample(name);
        return [(profile.Manifest.Kernel, File.ReadAllBytes(profile.KernelPath)), (profile.Manifest.Initrd, File.ReadAllBytes(profile.InitrdPath))];
    }

    /// <summary>A guest of tests/Guests as a profile on the boot medium.</summary>
    public static IEnumerable<CpioEntry> Guest(string name, string guest, string commandLine = "", int cores = 1, bool autostart = false) =>
        BootMedium.Entries(Bare(name) with { Cores = cores, CommandLine = commandLine, Autostart = autostart }, Image(guest), default);

    /// <summary>The manifest of a guest of tests/Guests, whose kernel is called guest.bin.</summary>
    public static ProfileManifest Bare(string name) => new() { Name = name, Memory = Size("16M"), Kernel = "guest.bin", Network = Network.None };

    /// <summary>The image of a guest of tests/Guests.</summary>
    public static byte[] Image(string guest) => File.ReadAllBytes(Path.Combine(SourceTree.Root, "artifacts", "guests", $"{guest}.bin"));

    /// <summary>A handset without a flash, whose profiles are on a boot medium in memory.</summary>
    public static Task<Handset> StartAsync(int cores, IEnumerable<CpioEntry> medium, int? instructionShift = null, string network = null) => Handset.StartAsync(new HandsetOptions
    {
        Image = SourceTree.Image,
        BootMedium = [.. medium],
        Cores = cores,
        Network = network,
        InstructionShift = instructionShift,
        BootTimeout = TimeSpan.FromSeconds(90),
    });

    /// <summary>A handset with a flash.</summary>
    public static Task<Handset> StartAsync(TestFlash flash, int cores, string memory = "1G", int gic = 3, string network = null) => Handset.StartAsync(new HandsetOptions
    {
        Image = SourceTree.Image,
        Flash = flash.Image,
        Cores = cores,
        Memory = Size(memory),
        Gic = gic,
        Network = network,
        BootTimeout = TimeSpan.FromSeconds(90),
    });

    /// <summary>Waits for the shell of a Debian profile.</summary>
    public static Task ShellAsync(this Handset handset, string profile) => handset.Console(profile).WaitForAsync($"pocket: {profile} ready", Patience);

    /// <summary>What a command prints; it must succeed.</summary>
    public static async Task<string> AskAsync(this Handset handset, string profile, string command, TimeSpan? timeout = null)
    {
        var result = await handset.Console(profile).RunAsync(command, timeout);
        Assert.True(result.ExitCode == 0, $"{profile}: {command}: {result.ExitCode}: {result.Output}");
        return result.Output.Trim();
    }

    /// <summary>The profile's clock, in seconds since its boot.</summary>
    public static async Task<double> UptimeAsync(this Handset handset, string profile) =>
        double.Parse((await handset.AskAsync(profile, "cat /proc/uptime")).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static Profile Sample(string name)
    {
        var profile = Profile.Load(Path.Combine(SourceTree.Samples, name));
        Assert.True(File.Exists(profile.KernelPath), $"{profile.KernelPath} is not there: ./pocket test prepares it.");
        return profile;
    }

    private static MemorySize Size(string text) => MemorySize.TryParse(text, out var size) ? size : throw new FormatException(text);
}
