using System.IO.Compression;
using System.Security.Cryptography;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Flash;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// One guest twice, as a profile and bare: the same kernel, initrd, cores and memory, and the very same bytes of the flash image as its disk.
/// Both stay up, so that they can take turns within seconds; the one whose turn it isn't sleeps. Dispose it, and nothing of it is left.
/// </summary>
public sealed class BenchGuests : IAsyncDisposable
{
    /// <summary>Path of the disk in the guests.</summary>
    public const string Disk = "/dev/vda";

    /// <summary>Size of the disk, which is full of data that no layer can take for zeros.</summary>
    public const long DiskBytes = 256 << 20;

    private const string Name = "bench", BareName = "bare", DiskFile = "disk.img", FlashFile = "flash.img";
    private static readonly MemorySize Memory = new(512 << 20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _folder;
    private Handset? _handset;
    private BareLinux? _bare;

    private BenchGuests(string folder) => _folder = folder;

    /// <summary>Makes both and waits for their shells.</summary>
    /// <param name="repository">Where their files are.</param>
    /// <param name="guest">Kernel, and what the lab's initrd was made from.</param>
    /// <param name="cores">Cores of each.</param>
    /// <param name="report">Is told what it is at.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task<BenchGuests> StartAsync(Repository repository, GuestFiles guest, int cores, Action<string> report, CancellationToken cancellation)
    {
        // Not in /tmp, which may be memory.
        var guests = new BenchGuests(Path.Combine(repository.State, "bench"));
        try
        {
            guests.RemoveFolder();
            report("filling a disk");
            var slice = await guests.MakeFlashAsync(repository, guest, cores, cancellation);
            report("booting both");
            await Task.WhenAll(guests.BootProfileAsync(repository, slice.Path, cores, cancellation), guests.BootBareAsync(repository, guest, slice, cores, cancellation));
            return guests;
        }
        catch
        {
            await guests.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command, which must succeed.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="UserException">It failed.</exception>
    public async Task<string> RunAsync(BenchSide side, string command, CancellationToken cancellation)
    {
        // QEMU drops what a console says while nobody reads, and Linux says 16 bytes at a time, of which a socket holds 4 kB or so. So it says little.
        var console = side == BenchSide.Bare ? _bare!.Console : _handset!.Console(Name);
        var result = await console.RunAsync($"(set -o pipefail; ({command}) 2>&1 | gzip | base64)", Patience, cancellation);
        var output = Unpack(result.Output);
        return result.ExitCode == 0 ? output : throw new UserException($"In the {(side == BenchSide.Bare ? "bare guest" : "profile")}, `{command}` failed: {output}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_bare is not null)
            await _bare.DisposeAsync();
        if (_handset is not null)
            await _handset.DisposeAsync();
        RemoveFolder();
    }

    private static string Unpack(string base64)
    {
        try
        {
            using var reader = new StreamReader(new GZipStream(new MemoryStream(Convert.FromBase64String(base64)), CompressionMode.Decompress));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return base64;
        }
    }

    private static string Initrd(Repository repository) => Path.Combine(repository.Guests, "lab", "bench.img");

    private async Task<FileSlice> MakeFlashAsync(Repository repository, GuestFiles guest, int cores, CancellationToken cancellation)
    {
        var profile = Directory.CreateDirectory(Path.Combine(_folder, Name)).FullName;
        var flash = Path.Combine(_folder, FlashFile);
        File.Copy(guest.Kernel, Path.Combine(profile, GuestFiles.KernelName));
        File.Copy(Initrd(repository), Path.Combine(profile, GuestFiles.InitrdName));
        await FillAsync(Path.Combine(profile, DiskFile), cancellation);
        var manifest = new ProfileManifest
        {
            Name = Name,
            Cores = cores,
            Memory = Memory,
            Kernel = GuestFiles.KernelName,
            Initrd = GuestFiles.InitrdName,
            CommandLine = $"console=ttyAMA0 hostname={Name} quiet",
            Disks = [new ProfileDisk(DiskFile, ReadOnly: false)],
        };
        await File.WriteAllTextAsync(Path.Combine(profile, ProfileManifest.FileName), manifest.ToFile(), cancellation);
        await FlashImage.CreateAsync(flash, new StorageSize(1L << 30), Name, cancellation);
        await using var store = ImageStore.Open(flash);
        await store.PushAsync(Name, profile, [ProfileManifest.FileName, .. manifest.Files], cancellation: cancellation);
        Directory.Delete(profile, recursive: true);
        return store.Extents(Name, DiskFile) is [var extent]
            ? new FileSlice(flash, (long)extent.Sector * BlockDevice.SectorBytes, (long)extent.Sectors * BlockDevice.SectorBytes)
            : throw new InvalidOperationException("On an empty flash the disk is in more than one piece.");
    }

    private static async Task FillAsync(string path, CancellationToken cancellation)
    {
        await using var file = File.Create(path);
        var block = new byte[1 << 20];
        for (long at = 0; at < DiskBytes; at += block.Length)
        {
            RandomNumberGenerator.Fill(block);
            await file.WriteAsync(block, cancellation);
        }
    }

    private async Task BootProfileAsync(Repository repository, string flash, int cores, CancellationToken cancellation)
    {
        var options = new HandsetOptions { Image = repository.Image, Flash = flash, Cores = cores, Memory = new MemorySize(1L << 30) };
        _handset = await Handset.StartAsync(options, cancellation: cancellation);
        await WaitForShellAsync(_handset.Console(Name), cancellation);
    }

    private async Task BootBareAsync(Repository repository, GuestFiles guest, FileSlice slice, int cores, CancellationToken cancellation)
    {
        _bare = await BareLinux.StartAsync(
            new BareLinuxOptions { Kernel = guest.Kernel, Initrd = Initrd(repository), Name = BareName, Cores = cores, Memory = Memory, Slice = slice, Network = "user,id=net" }, cancellation);
        await WaitForShellAsync(_bare.Console, cancellation);
    }

    private static Task<string> WaitForShellAsync(ProfileConsole console, CancellationToken cancellation) => console.WaitForAsync($"pocket: {console.Name} ready", Patience, cancellation);

    private void RemoveFolder()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
