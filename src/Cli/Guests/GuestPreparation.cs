using System.Globalization;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Guests;

/// <summary>
/// Makes Debian guests: fetches kernel and busybox once, makes the initrd, and gives both to the profiles that name but lack them.
/// </summary>
/// <remarks>
/// <code>
/// .pocket/guests/apt/        a state for apt alone
/// .pocket/guests/debian/     what is needed of the packages: see GuestFiles
/// .pocket/guests/initrd.img  made from it and from our scripts
/// </code>
/// Remove .pocket/guests to fetch Debian's newest.
/// </remarks>
public sealed class GuestPreparation(Repository repository, Steps steps)
{
    private const string MarkName = ".debian";

    private string Debian => Path.Combine(repository.Guests, "debian");

    /// <summary>Prepares the guests that some profiles need.</summary>
    /// <param name="profiles">The profiles. Those that bring their own kernel are left alone.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task PrepareAsync(IReadOnlyList<Profile> profiles, CancellationToken cancellation)
    {
        var takers = profiles.Where(profile => WantsOurs(profile.KernelPath, GuestFiles.KernelName) || WantsOurs(profile.InitrdPath, GuestFiles.InitrdName)).ToList();
        if (takers.Count == 0)
            return;
        var files = await FilesAsync(cancellation);
        foreach (var profile in takers)
        {
            Place(files.Kernel, profile.KernelPath, GuestFiles.KernelName);
            if (profile.InitrdPath is not null)
                Place(files.Initrd, profile.InitrdPath, GuestFiles.InitrdName);
        }
    }

    /// <summary>Kernel and initrd, fetched and made if they aren't there.</summary>
    public async Task<GuestFiles> FilesAsync(CancellationToken cancellation)
    {
        var files = new GuestFiles(Debian, Path.Combine(repository.Guests, GuestFiles.InitrdName));
        if (!Directory.Exists(Path.Combine(Debian, "lib/modules")))
            await FetchAsync(cancellation);
        await MakeInitrdAsync(files, cancellation);
        return files;
    }

    private async Task FetchAsync(CancellationToken cancellation) => await steps.RunAsync("Fetching Debian's arm64 kernel and busybox", async report =>
    {
        var archive = new DebianArchive(Path.Combine(repository.Guests, "apt"));
        var work = Path.Combine(repository.Guests, "work");
        foreach (var old in new[] { work, Debian }.Where(Directory.Exists))
            Directory.Delete(old, recursive: true);
        await archive.UpdateAsync(report, cancellation);
        var kernel = await archive.ResolveAsync("linux-image-arm64", cancellation);
        var packages = await archive.DownloadAsync([kernel, "busybox-static"], Path.Combine(work, "packages"), report, cancellation);
        var files = Path.Combine(work, "files");
        foreach (var package in packages)
        {
            report($"unpacking {Path.GetFileName(package)}");
            await DebianArchive.ExtractAsync(package, files, cancellation);
        }

        // Moved into place at the end, so that a half-done fetch doesn't look done.
        var result = Path.Combine(work, "debian");
        Directory.CreateDirectory(Path.Combine(result, "lib"));
        File.Move(Directory.GetFiles(Path.Combine(files, "boot"), "vmlinuz-*").Single(), Path.Combine(result, GuestFiles.KernelName));
        File.Move(Path.Combine(files, "bin/busybox"), Path.Combine(result, "busybox"));
        var modules = Directory.GetDirectories(Path.Combine(files, "lib/modules")).Single();
        foreach (var module in Directory.GetFiles(modules, "*.ko", SearchOption.AllDirectories).Where(path => !GuestFiles.Keeps(Path.GetRelativePath(modules, path))))
            File.Delete(module);
        Directory.Move(Path.Combine(files, "lib/modules"), Path.Combine(result, "lib/modules"));
        await File.WriteAllLinesAsync(Path.Combine(result, "about"), packages.Select(package => Path.GetFileName(package)!.Replace("%3a", ":", StringComparison.Ordinal)), cancellation);
        Directory.Move(result, Debian);
        Directory.Delete(work, recursive: true);
    });

    private static async Task MakeInitrdAsync(GuestFiles guest, CancellationToken cancellation)
    {
        var files = Directory.EnumerateFiles(guest.Modules, "*.ko", SearchOption.AllDirectories).ToDictionary(path => KernelModule.Normalise(Path.GetFileNameWithoutExtension(path)));
        var builtin = File.ReadLines(Path.Combine(guest.Modules, "modules.builtin")).Select(line => KernelModule.Normalise(Path.GetFileNameWithoutExtension(line))).ToHashSet();
        var boot = KernelModule.InLoadOrder(GuestInitrd.BootDrivers, Find);
        var both = KernelModule.InLoadOrder(GuestInitrd.BootDrivers.Concat(GuestInitrd.Drivers), Find);
        var bytes = GuestInitrd.Make(
            await File.ReadAllBytesAsync(guest.Busybox, cancellation), boot, [.. both.Skip(boot.Count)], Script("init"), Script("profile"), Script("power-key"), Script("dhcp"));
        if (!File.Exists(guest.Initrd) || !Enumerable.SequenceEqual(bytes, await File.ReadAllBytesAsync(guest.Initrd, cancellation)))
            await File.WriteAllBytesAsync(guest.Initrd, bytes, cancellation);

        // Drivers that Debian built into the kernel are listed in modules.builtin and need no file.
        byte[]? Find(string name) => files.TryGetValue(name, out var path) ? File.ReadAllBytes(path)
            : builtin.Contains(name) ? null
            : throw new UserException($"Debian's kernel has no driver {name}; tell the project which kernel this is: {Path.GetFileName(guest.Modules)}.");

        static byte[] Script(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Guests", name));
    }

    // A profile takes ours if it names our file and has none, or has the one that we gave it before.
    private static bool WantsOurs(string? path, string name) =>
        path is not null && Path.GetFileName(path) == name && (!File.Exists(path) || Marks(path).Contains(Mark(path)));

    private static void Place(string from, string to, string name)
    {
        if (!WantsOurs(to, name))
            return;
        var source = new FileInfo(from);
        var target = new FileInfo(to);
        if (target.Exists && target.Length == source.Length && target.LastWriteTimeUtc == source.LastWriteTimeUtc)
            return;
        File.Copy(from, to + ".new", overwrite: true);
        File.SetLastWriteTimeUtc(to + ".new", source.LastWriteTimeUtc);
        File.Move(to + ".new", to, overwrite: true);
        File.WriteAllLines(MarkPath(to), [.. Marks(to).Where(mark => !mark.StartsWith(name + " ", StringComparison.Ordinal)), Mark(to)]);
    }

    private static string MarkPath(string path) => Path.Combine(Path.GetDirectoryName(path)!, MarkName);

    private static string[] Marks(string path) => File.Exists(MarkPath(path)) ? File.ReadAllLines(MarkPath(path)) : [];

    private static string Mark(string path) =>
        string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)} {new FileInfo(path).Length} {File.GetLastWriteTimeUtc(path).Ticks}");
}
