using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>A handset whose flash holds guests of <c>bench/Pace</c>, and nothing else. Dispose it, and nothing of it is left.</summary>
public sealed class PaceHandset : IAsyncDisposable
{
    private readonly string _folder;

    private PaceHandset(string folder) => _folder = folder;

    /// <summary>The handset, which has booted.</summary>
    public Handset Handset { get; private set; } = null!;

    /// <summary>Makes its flash and starts it.</summary>
    /// <param name="repository">Where the images are.</param>
    /// <param name="profiles">What is on its flash.</param>
    /// <param name="cores">Its cores.</param>
    /// <param name="memory">Its memory.</param>
    /// <param name="instructionShift">As in <see cref="HandsetOptions.InstructionShift"/>.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public static async Task<PaceHandset> StartAsync(
        Repository repository, IReadOnlyList<PaceProfile> profiles, int cores, MemorySize memory, int? instructionShift, CancellationToken cancellation)
    {
        var handset = new PaceHandset(Path.Combine(repository.State, "bench-pace"));
        try
        {
            handset.RemoveFolder();
            var flash = await handset.MakeFlashAsync(new BenchFolder(repository).PaceGuest, profiles, cancellation);
            var options = new HandsetOptions
            {
                Image = repository.Image,
                Flash = flash,
                Network = null,
                Cores = cores,
                Memory = memory,
                InstructionShift = instructionShift,
                ExtraArguments = CoreThread.QemuArguments,
            };
            handset.Handset = await Handset.StartAsync(options, cancellation: cancellation);
            return handset;
        }
        catch
        {
            await handset.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Handset is not null)
            await Handset.DisposeAsync();
        RemoveFolder();
    }

    private async Task<string> MakeFlashAsync(string image, IReadOnlyList<PaceProfile> profiles, CancellationToken cancellation)
    {
        var flash = Path.Combine(Directory.CreateDirectory(_folder).FullName, "flash.img");
        await FlashImage.CreateAsync(flash, new StorageSize(64 << 20), "pace", cancellation);
        await using var store = ImageStore.Open(flash);
        foreach (var profile in profiles)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, profile.Name)).FullName;
            var manifest = profile.Manifest;
            File.Copy(image, Path.Combine(folder, manifest.Kernel));
            await File.WriteAllTextAsync(Path.Combine(folder, ProfileManifest.FileName), manifest.ToFile(), cancellation);
            await store.PushAsync(profile.Name, folder, [ProfileManifest.FileName, .. manifest.Files], cancellation: cancellation);
        }
        return flash;
    }

    private void RemoveFolder()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
