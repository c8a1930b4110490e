using Pocketvisor.Cli.Host;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Storage;

/// <summary>Makes a profile of a folder: a copy, under another name, of one that is there, or a new one around a kernel and disks.</summary>
/// <param name="options">What shall differ from what is there.</param>
/// <param name="report">Is told what is being done.</param>
public sealed class ProfileMaker(ProfileOptions options, Action<string> report)
{
    private const string EmptyDisk = "disk.img";

    // What a guest of unknown size starts with.
    private static readonly MemorySize DefaultMemory = new(512 << 20);

    /// <summary>Looks at what a folder holds.</summary>
    /// <param name="folder">One that has a manifest, or else a kernel.</param>
    /// <param name="name">The name of the profile to be made.</param>
    /// <exception cref="UserException">It holds neither.</exception>
    /// <exception cref="ProfileException">The manifest is wrong.</exception>
    public static Profile Source(string folder, string name)
    {
        var path = Path.Combine(folder, ProfileManifest.FileName);
        return new Profile(folder, File.Exists(path) ? ManifestReader.Read(path, File.ReadAllText(path)) : Around(SystemFiles.Find(folder), name));
    }

    /// <summary>Makes the profile.</summary>
    /// <param name="source">See <see cref="Source"/>.</param>
    /// <param name="into">The profile's new folder. Its name is the profile's.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="UserException">It can't be copied.</exception>
    /// <exception cref="ProfileException">A file that the manifest names is missing.</exception>
    public async Task MakeAsync(Profile source, string into, CancellationToken cancellation)
    {
        source.RequireFiles();
        foreach (var file in source.Files.DistinctBy(file => file.Name))
            await CopyAsync(file.Path, Path.Combine(into, file.Name), cancellation);
        var manifest = source.Manifest with
        {
            Name = Path.GetFileName(into),
            Cores = options.Cores ?? source.Manifest.Cores,
            Memory = options.Memory ?? source.Manifest.Memory,
            Network = options.Network ?? source.Manifest.Network,
            Mac = null, // Two profiles with one address would not get along.
        };
        if (options.Disk is { } size)
            manifest = SizeDisk(manifest, into, size);
        report("computing digests");
        await File.WriteAllTextAsync(Path.Combine(into, ProfileManifest.FileName), manifest.WithDigests(into).ToFile(), cancellation);
    }

    private static ProfileManifest Around(SystemFiles files, string name)
    {
        // A Linux that panics says so by the warm reset: see docs/profile.md.
        var commandLine = "console=ttyAMA0 panic=-1 reboot=panic_warm" + (files.Root is { } root ? $" root={root} rw" : "");
        return new ProfileManifest
        {
            Name = name,
            Memory = DefaultMemory,
            Kernel = files.Kernel,
            Initrd = files.Initrd,
            CommandLine = commandLine,
            Disks = [.. files.Disks.Select(disk => new ProfileDisk(disk, ReadOnly: false))],
        };
    }

    // cp knows holes, and file systems that share blocks.
    private async Task CopyAsync(string from, string to, CancellationToken cancellation)
    {
        report($"copying {Path.GetFileName(from)}");
        var result = await Tool.RunAsync("cp", ["--sparse=auto", "--reflink=auto", "--", from, to], cancellation: cancellation);
        if (!result.Succeeded)
            throw new UserException($"{Repository.Display(from)} could not be copied; see what cp says and try again:{Environment.NewLine}{result.Tail(3)}");
    }

    private static ProfileManifest SizeDisk(ProfileManifest manifest, string folder, StorageSize size)
    {
        if (manifest.Disks.FirstOrDefault(disk => !disk.ReadOnly) is not { } first)
        {
            using var empty = File.Create(Path.Combine(folder, EmptyDisk));
            empty.SetLength(size.Bytes);
            return manifest with { Disks = [.. manifest.Disks, new ProfileDisk(EmptyDisk, ReadOnly: false)] };
        }
        using var disk = new FileStream(Path.Combine(folder, first.File), FileMode.Open, FileAccess.ReadWrite);
        if (disk.Length > size.Bytes)
            throw new UserException($"{first.File} is {StorageSize.Show(disk.Length)} already, and a file system doesn't survive being cut; name a larger --disk.", ExitCodes.Usage);
        disk.SetLength(size.Bytes);
        return manifest;
    }
}
