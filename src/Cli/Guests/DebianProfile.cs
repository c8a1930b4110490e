using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Guests;

/// <summary>
/// <c>pocket profile create NAME --from debian</c>: a profile with Debian's kernel, our initrd, and a disk of its own with Debian on it.
/// </summary>
public static class DebianProfile
{
    private const string DiskName = "root.img";
    private const int LabelBytes = 16, DefaultCores = 2;

    // A panic ends the profile by a warm reset, which the keeper tells from a reboot: see docs/profile.md.
    private const string CommandLine = "console=ttyAMA0 root=/dev/vda ro quiet panic=-1 reboot=panic_warm";

    private static readonly MemorySize DefaultMemory = new(512 << 20);

    /// <summary>Makes the profile's files. What they are made of is fetched and installed the first time, which takes minutes.</summary>
    /// <param name="repository">Where what is made once is kept.</param>
    /// <param name="steps">Shows what is being done.</param>
    /// <param name="folder">The profile's folder, which is there and empty. Its name is the profile's.</param>
    /// <param name="options">What shall be other than 2 cores, 512 MB, a disk of 2 GB and a network.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="UserException">It can't be made; the message says what to do.</exception>
    public static async Task CreateAsync(Repository repository, Steps steps, string folder, ProfileOptions options, CancellationToken cancellation)
    {
        var packages = new HostPackages(steps);
        await packages.EnsureForDebianAsync(cancellation);
        await ArmPrograms.EnsureAsync(cancellation);
        var guest = await new GuestPreparation(repository, steps).FilesAsync(cancellation);
        var root = await new DebianRoot(repository, steps).EnsureAsync(guest, cancellation);
        var name = Path.GetFileName(folder);
        await steps.RunAsync($"Making {name}'s files", async report =>
        {
            File.Copy(guest.Kernel, Path.Combine(folder, GuestFiles.KernelName));
            File.Copy(guest.Initrd, Path.Combine(folder, GuestFiles.InitrdName));
            await MakeDiskAsync(root, Path.Combine(folder, DiskName), name, options.Disk?.Bytes ?? DebianRoot.DefaultBytes, cancellation);
            report("computing digests");
            var manifest = new ProfileManifest
            {
                Name = name,
                Cores = options.Cores ?? DefaultCores,
                Memory = options.Memory ?? DefaultMemory,
                Kernel = GuestFiles.KernelName,
                Initrd = GuestFiles.InitrdName,
                CommandLine = CommandLine,
                Disks = [new ProfileDisk(DiskName, ReadOnly: false)],
                Network = options.Network ?? Network.Outside,
            };
            await File.WriteAllTextAsync(Path.Combine(folder, ProfileManifest.FileName), manifest.WithDigests(folder).ToFile(), cancellation);
        });
    }

    // A copy with a size, a UUID, a label and a host name of its own. All else that profiles must not share comes at the first boot.
    private static async Task MakeDiskAsync(string from, string disk, string name, long bytes, CancellationToken cancellation)
    {
        await RequireAsync("cp", ["--sparse=always", "--reflink=auto", "--", from, disk], cancellation);
        if (bytes > DebianRoot.DefaultBytes)
            SetLength();
        if (bytes != DebianRoot.DefaultBytes)
            await RequireAsync("resize2fs", [disk, $"{bytes >> 10}K"], cancellation);
        if (bytes < DebianRoot.DefaultBytes)
            SetLength();
        await RequireAsync("tune2fs", ["-U", "random", "-L", name.Length > LabelBytes ? name[..LabelBytes] : name, disk], cancellation);

        var hostname = disk + ".hostname";
        await File.WriteAllTextAsync(hostname, name + "\n", cancellation);
        await RequireAsync("debugfs", ["-w", "-R", $"write \"{hostname}\" /etc/hostname", disk], cancellation);
        File.Delete(hostname);
        await RequireAsync("e2fsck", ["-f", "-n", disk], cancellation); // debugfs doesn't tell by its exit code whether it failed.

        void SetLength()
        {
            using var file = new FileStream(disk, FileMode.Open, FileAccess.Write);
            file.SetLength(bytes);
        }
    }

    private static async Task RequireAsync(string tool, string[] arguments, CancellationToken cancellation)
    {
        var result = await Tool.RunAsync(tool, arguments, cancellation: cancellation);
        if (!result.Succeeded)
            throw new UserException($"The profile's disk could not be made; mend what {tool} says and run this again, with a larger --disk if it wants more room:{Environment.NewLine}{result.Tail(4)}");
    }
}
