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
/// .pocket/guests/debian/     what is needed of the packages: vmlinuz, busybox, modules/, about (their names)
/// .pocket/guests/initrd.img  made from it and from our scripts
/// </code>
/// Remove .pocket/guests to fetch Debian's newest.
/// </remarks>
public sealed class GuestPreparation(Repository repository, Steps steps)
{
    /// <summary>File names by which a profile asks for Debian's kernel and our initrd.</summary>
    public const string KernelName = "vmlinuz", InitrdName = "initrd.img";

    private const string MarkName = ".debian";

    private string Debian => Path.Combine(repository.Guests, "debian");

    /// <summary>Prepares the guests that some profiles need.</summary>
    /// <param name="profiles">The profiles. Those that bring their own kernel are left alone.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task PrepareAsync(IReadOnlyList<Profile> profiles, CancellationToken cancellation)
    {
        var takers = profiles.Where(profile => WantsOurs(profile.KernelPath, KernelName) || WantsOurs(profile.InitrdPath, InitrdName)).ToList();
        if (takers.Count == 0)
            return;
        if (!Directory.Exists(Debian))
            await FetchAsync(cancellation);
        var initrd = await MakeInitrdAsync(cancellation);
        foreach (var profile in takers)
        {
            Place(Path.Combine(Debian, KernelName), profile.KernelPath, KernelName);
            if (profile.InitrdPath is not null)
                Place(initrd, profile.InitrdPath, InitrdName);
        }
    }

    private async Task FetchAsync(CancellationToken cancellation) => await steps.RunAsync("Fetching Debian's arm64 kernel and busybox", async report =>
    {
        var archive = new DebianArchive(Path.Combine(repository.Guests, "apt"));
        var work = Path.Combine(repository.Guests, "work");
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        await archive.UpdateAsync(report, cancellation);
        var kernel = await archive.ResolveAsync("linux-image-arm64", cancellation);
        var packages = await archive.DownloadAsync([kernel, "busybox-static"], Path.Combine(work, "packages"), report, cancellation);
        var files = Path.Combine(work, "files");
        foreach (var package in packages)
        {
            report($"unpacking {Path.GetFileName(package)}");
            await DebianArchive.ExtractAsync(package, files, cancellation);
        }

        // Of 350 MB, what a guest needs. Moved into place at the end, so that a half-done fetch doesn't look done.
        var result = Path.Combine(work, "debian");
        Directory.CreateDirectory(Path.Combine(result, "modules"));
        File.Copy(Single(files, "boot", "vmlinuz-*"), Path.Combine(result, KernelName));
        File.Copy(Path.Combine(files, "bin/busybox"), Path.Combine(result, "busybox"));
        foreach (var (name, data) in Modules(Directory.GetDirectories(Path.Combine(files, "lib/modules")).Single()))
            await File.WriteAllBytesAsync(Path.Combine(result, "modules", name + ".ko"), data, cancellation);
        await File.WriteAllLinesAsync(Path.Combine(result, "about"), packages.Select(package => Path.GetFileName(package)!.Replace("%3a", ":", StringComparison.Ordinal)), cancellation);
        Directory.Move(result, Debian);
        Directory.Delete(work, recursive: true);
    });

    // Drivers that Debian built into the kernel are listed in modules.builtin and need no file.
    private static IReadOnlyList<(string Name, byte[] Data)> Modules(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.ko", SearchOption.AllDirectories).ToDictionary(path => KernelModule.Normalise(Path.GetFileNameWithoutExtension(path)));
        var builtin = File.ReadLines(Path.Combine(folder, "modules.builtin")).Select(line => KernelModule.Normalise(Path.GetFileNameWithoutExtension(line))).ToHashSet();
        return KernelModule.InLoadOrder(GuestInitrd.Drivers, name => files.TryGetValue(name, out var path) ? File.ReadAllBytes(path)
            : builtin.Contains(name) ? null
            : throw new UserException($"Debian's kernel has no driver {name}; tell the project which kernel this is: {Path.GetFileName(folder)}."));
    }

    private async Task<string> MakeInitrdAsync(CancellationToken cancellation)
    {
        var path = Path.Combine(repository.Guests, InitrdName);
        var files = Directory.GetFiles(Path.Combine(Debian, "modules")).ToDictionary(file => Path.GetFileNameWithoutExtension(file)!);
        var modules = KernelModule.InLoadOrder(GuestInitrd.Drivers, name => files.TryGetValue(name, out var file) ? File.ReadAllBytes(file) : null);
        var bytes = GuestInitrd.Make(
            await File.ReadAllBytesAsync(Path.Combine(Debian, "busybox"), cancellation), modules, Script("init"), Script("profile"), Script("power-key"));
        if (!File.Exists(path) || !Enumerable.SequenceEqual(bytes, await File.ReadAllBytesAsync(path, cancellation)))
            await File.WriteAllBytesAsync(path, bytes, cancellation);
        return path;

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

    private static string Single(string root, string folder, string pattern) => Directory.GetFiles(Path.Combine(root, folder), pattern).Single();
}
