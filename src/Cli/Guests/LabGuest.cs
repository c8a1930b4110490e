using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Guests;

/// <summary>
/// The guest in which tests and benchmarks measure: the initrd, and in its /bin the programs that they run, from Debian's arm64 packages.
/// Only tests need it, so no sample has it.
/// </summary>
/// <remarks>
/// <code>
/// .pocket/guests/lab/initrd.img  with tools for ext4 and exFAT, and iperf3
/// .pocket/guests/lab/bench.img   with fio too, whose libraries are large
/// .pocket/guests/lab/stress.img  with stress-ng instead
/// .pocket/guests/lab/about       what they were made of
/// </code>
/// Each is the initrd with archives after it: Linux unpacks one after the other.
/// </remarks>
public sealed class LabGuest(Repository repository, Steps steps)
{
    private const string Loader = "ld-linux-aarch64.so.1";
    private static readonly string[] Packages = ["e2fsprogs", "exfatprogs", "iperf3"], Large = ["fio", "stress-ng"];
    private static readonly string[] Programs =
    [
        "sbin/mke2fs", "sbin/mkfs.ext4", "sbin/e2fsck", "sbin/resize2fs", "sbin/debugfs", "sbin/dumpe2fs",
        "usr/sbin/mkfs.exfat", "usr/sbin/fsck.exfat", "usr/bin/iperf3",
    ];

    private string Folder => Path.Combine(repository.Guests, "lab");

    /// <summary>Path of the initrd with stress-ng.</summary>
    public static string StressInitrd(Repository repository) => Path.Combine(repository.Guests, "lab", "stress.img");

    /// <summary>Makes the initrds, if they aren't there.</summary>
    /// <param name="guest">Whose initrd they extend.</param>
    /// <param name="cancellation">Ends the work.</param>
    public async Task EnsureAsync(GuestFiles guest, CancellationToken cancellation)
    {
        var tools = Path.Combine(Folder, "tools.cpio.gz");
        var bench = Path.Combine(Folder, "bench.cpio.gz");
        var stress = Path.Combine(Folder, "stress.cpio.gz");
        if (!File.Exists(tools) || !File.Exists(bench) || !File.Exists(stress))
            await FetchAsync(cancellation);
        await JoinAsync(Path.Combine(Folder, "initrd.img"), [guest.Initrd, tools], cancellation);
        await JoinAsync(Path.Combine(Folder, "bench.img"), [guest.Initrd, tools, bench], cancellation);
        await JoinAsync(StressInitrd(repository), [guest.Initrd, tools, stress], cancellation);
    }

    private async Task FetchAsync(CancellationToken cancellation) => await steps.RunAsync("Fetching the tools with which tests measure", async report =>
    {
        var work = Folder + ".new";
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        var archive = new DebianArchive(Path.Combine(repository.Guests, "apt"));
        await archive.UpdateAsync(report, cancellation);
        var closure = await archive.ClosureAsync([.. Packages, .. Large], cancellation);
        var libraries = closure.Where(name => (name.StartsWith("lib", StringComparison.Ordinal) || name == "zlib1g")
            && !name.StartsWith("libperl", StringComparison.Ordinal) && !name.StartsWith("libpython", StringComparison.Ordinal)); // of programs' scripts
        var packages = await archive.DownloadAsync([.. Packages, .. Large, .. libraries], Path.Combine(work, "packages"), report, cancellation);
        var files = Path.Combine(work, "files");
        foreach (var package in packages)
        {
            report($"unpacking {Path.GetFileName(package)}");
            await DebianArchive.ExtractAsync(package, files, cancellation);
        }

        var found = Directory.EnumerateFiles(files, "*.so*", SearchOption.AllDirectories).GroupBy(path => Path.GetFileName(path)!).ToDictionary(group => group.Key, group => group.First());
        HashSet<string> placed = [];
        List<CpioEntry> tools =
        [
            .. await LinkedAsync(Programs, files, found, placed, cancellation),
            CpioEntry.File("etc/mke2fs.conf", await File.ReadAllBytesAsync(Path.Combine(files, "etc/mke2fs.conf"), cancellation)),
        ];
        await File.WriteAllBytesAsync(Path.Combine(work, "tools.cpio.gz"), GuestInitrd.Compress(tools), cancellation);
        foreach (var (archiveName, program) in new[] { ("bench", "usr/bin/fio"), ("stress", "usr/bin/stress-ng") })
            await File.WriteAllBytesAsync(Path.Combine(work, $"{archiveName}.cpio.gz"), GuestInitrd.Compress(await LinkedAsync([program], files, found, [.. placed], cancellation)), cancellation);
        await File.WriteAllLinesAsync(Path.Combine(work, "about"), packages.Select(package => Path.GetFileName(package)!), cancellation);
        Directory.Delete(Path.Combine(work, "packages"), recursive: true);
        Directory.Delete(files, recursive: true);
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
        Directory.Move(work, Folder);
    });

    // Programs, and the libraries with which they are linked that weren't placed before.
    private static async Task<IReadOnlyList<CpioEntry>> LinkedAsync(
        IReadOnlyList<string> programs, string files, IReadOnlyDictionary<string, string> libraries, HashSet<string> placed, CancellationToken cancellation)
    {
        List<CpioEntry> entries = [];
        var queue = new Queue<string>(programs.Select(program => Path.Combine(files, program)));
        foreach (var program in queue)
            entries.Add(CpioEntry.File($"bin/{Path.GetFileName(program)}", await File.ReadAllBytesAsync(program, cancellation), executable: true));
        while (queue.TryDequeue(out var linked))
            foreach (var name in (await NeededAsync(linked, cancellation)).Append(Loader).Where(placed.Add))
            {
                if (!libraries.TryGetValue(name, out var library))
                    throw new UserException($"{Path.GetFileName(linked)} needs {name}, which none of its packages has; tell the project which Debian this is.");
                entries.Add(CpioEntry.File($"lib/{name}", await File.ReadAllBytesAsync(library, cancellation), executable: true));
                queue.Enqueue(library);
            }
        return entries;
    }

    private static async Task<IReadOnlyList<string>> NeededAsync(string file, CancellationToken cancellation)
    {
        var result = await Tool.RunAsync("llvm-readelf", ["--needed-libs", file], cancellation: cancellation);
        return [.. result.Lines.Select(line => line.Trim()).Where(line => line.Contains(".so", StringComparison.Ordinal))];
    }

    private static async Task JoinAsync(string path, IReadOnlyList<string> parts, CancellationToken cancellation)
    {
        if (File.Exists(path) && parts.All(part => File.GetLastWriteTimeUtc(part) <= File.GetLastWriteTimeUtc(path)))
            return;
        await using (var whole = File.Create(path + ".new"))
            foreach (var part in parts)
            {
                await using var stream = File.OpenRead(part);
                await stream.CopyToAsync(whole, cancellation);
            }
        File.Move(path + ".new", path, overwrite: true);
    }
}
