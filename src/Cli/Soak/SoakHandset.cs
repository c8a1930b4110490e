using System.Security.Cryptography;
using Pocketvisor.Cli.Bench;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Handsets;
using Pocketvisor.Link;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Soak;

/// <summary>A handset with two Linux profiles that stress-ng keeps busy, each with a disk. Dispose it, and nothing of it is left.</summary>
public sealed class SoakHandset : IAsyncDisposable
{
    /// <summary>The profiles.</summary>
    public static readonly IReadOnlyList<string> Names = ["one", "two"];

    /// <summary>A third one that comes and goes over the link, and never runs.</summary>
    public const string Cargo = "cargo";

    private const string DiskFile = "disk.img", CargoFile = "cargo.bin";
    private const int DiskBytes = 64 << 20, CargoBytes = 4 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // Round after round, so that its verdict is never older than one: methods that compute, allocate, fork, switch, set timers, and write to the disk. How many passed, and how
    // many were cut short, is in /tmp/rounds: 3 (no resource) is what stress-ng 0.15 ends with, too, when a stressor of a busy machine comes to its turn only after the round's time.
    // Unasked, its timer asks for a million signals a second: too many for an emulated guest that has others to run. A round that failed leaves its status and what stress-ng said in
    // /tmp/failed. Whoever was killed has left files.
    private const string Work =
        "mount -t ext4 /dev/vda /mnt 2>/dev/null || { mkfs.ext4 -q /dev/vda && mount -t ext4 /dev/vda /mnt; }; rm -rf /mnt/*; " +
        "(passed=0; short=0; while :; do stress-ng --verify --timeout 8 --temp-path /mnt --cpu 1 --vm 1 --vm-bytes 48M --fork 1 --switch 1 --timer 1 --timer-freq 1000 --hdd 1 --hdd-bytes 8M " +
        ">/tmp/said 2>&1; status=$?; case $status in 0) passed=$((passed + 1));; 3) short=$((short + 1));; *) (echo status $status; cat /tmp/said) >>/tmp/failed;; esac; echo $passed $short >/tmp/rounds; done) >/dev/null 2>&1 & sleep 0";

    private readonly string _folder;
    private Handset? _handset;
    private LinkStore? _store;

    private SoakHandset(string folder) => _folder = folder;

    /// <summary>The handset, which is up.</summary>
    public Handset Handset => _handset!;

    /// <summary>Makes it and starts it; its profiles are off.</summary>
    public static async Task<SoakHandset> StartAsync(Repository repository, GuestFiles guest, CancellationToken cancellation)
    {
        var soak = new SoakHandset(Path.Combine(repository.State, "soak"));
        try
        {
            soak.RemoveFolder();
            var flash = await soak.MakeFlashAsync(repository, guest, cancellation);
            await soak.MakeCargoAsync(cancellation);
            soak._handset = await Handset.StartAsync(new HandsetOptions { Image = repository.Image, Flash = flash, Cores = 2, Memory = new MemorySize(1L << 30) }, cancellation: cancellation);
            soak._store = new LinkStore(soak.Handset.Link);
            return soak;
        }
        catch
        {
            await soak.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a profile and sets it to work.</summary>
    public async Task StartWorkAsync(string name, CancellationToken cancellation)
    {
        var console = Handset.Console(name);
        console.SkipToEnd();
        await Handset.StartAsync(name, cancellation: cancellation);
        await console.WaitForAsync($"pocket: {name} ready", Patience, cancellation);
        await AskAsync(name, Work, cancellation);
    }

    /// <summary>What a command prints in a profile, whether it succeeded or not.</summary>
    public async Task<string> AskAsync(string name, string command, CancellationToken cancellation) => (await Handset.Console(name).RunAsync(command, Patience, cancellation)).Output.Trim();

    /// <summary>Brings the third profile.</summary>
    public Task PushAsync(CancellationToken cancellation) => _store!.PushAsync(Cargo, Path.Combine(_folder, Cargo), [ProfileManifest.FileName, CargoFile], cancellation: cancellation);

    /// <summary>Fetches it back, and removes it.</summary>
    /// <returns>Whether it is what was brought.</returns>
    public async Task<bool> PullAndRemoveAsync(CancellationToken cancellation)
    {
        var into = Directory.CreateDirectory(Path.Combine(_folder, "pulled")).FullName;
        await _store!.PullAsync(Cargo, into, cancellation: cancellation);
        var (came, went) = (await File.ReadAllBytesAsync(Path.Combine(into, Cargo, CargoFile), cancellation), await File.ReadAllBytesAsync(Path.Combine(_folder, Cargo, CargoFile), cancellation));
        Directory.Delete(into, recursive: true);
        await _store.RemoveAsync(Cargo, cancellation);
        return came.AsSpan().SequenceEqual(went);
    }

    /// <summary>What hypervisor and keeper keep, while these profiles run.</summary>
    public async Task<KeptMemory> KeptAsync(CancellationToken cancellation)
    {
        var list = await Handset.ListAsync(cancellation);
        return KeptMemory.Of(await Handset.OwnersAsync(cancellation), [.. list.Profiles.Where(profile => profile.State == LinkProfileState.Running).Select(profile => profile.MemoryBytes)]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        if (_handset is not null)
            await _handset.DisposeAsync();
        RemoveFolder();
    }

    private async Task<string> MakeFlashAsync(Repository repository, GuestFiles guest, CancellationToken cancellation)
    {
        var flash = Path.Combine(Directory.CreateDirectory(_folder).FullName, "flash.img");
        await FlashImage.CreateAsync(flash, new StorageSize(1L << 30), "soak", cancellation);
        await using var store = ImageStore.Open(flash);
        foreach (var name in Names)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
            File.Copy(guest.Kernel, Path.Combine(folder, GuestFiles.KernelName));
            File.Copy(LabGuest.StressInitrd(repository), Path.Combine(folder, GuestFiles.InitrdName));
            await File.WriteAllBytesAsync(Path.Combine(folder, DiskFile), new byte[DiskBytes], cancellation);
            var manifest = new ProfileManifest
            {
                Name = name,
                Memory = new MemorySize(320 << 20),
                Kernel = GuestFiles.KernelName,
                Initrd = GuestFiles.InitrdName,
                CommandLine = $"console=ttyAMA0 hostname={name} quiet panic=-1 reboot=panic_warm",
                Disks = [new ProfileDisk(DiskFile, ReadOnly: false)],
                Autostart = false,
            };
            await File.WriteAllTextAsync(Path.Combine(folder, ProfileManifest.FileName), manifest.ToFile(), cancellation);
            await store.PushAsync(name, folder, [ProfileManifest.FileName, .. manifest.Files], cancellation: cancellation);
        }
        return flash;
    }

    private async Task MakeCargoAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, Cargo)).FullName;
        var manifest = new ProfileManifest { Name = Cargo, Memory = new MemorySize(16 << 20), Kernel = CargoFile, Autostart = false };
        await File.WriteAllTextAsync(Path.Combine(folder, ProfileManifest.FileName), manifest.ToFile(), cancellation);
        await File.WriteAllBytesAsync(Path.Combine(folder, CargoFile), RandomNumberGenerator.GetBytes(CargoBytes), cancellation);
    }

    private void RemoveFolder()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
