using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Host;

/// <summary>
/// The one library in the keeper: libsodium, of which it takes SHA-256. Debian's package for arm64 has it ready to link. Remove
/// .pocket/lib to fetch it again.
/// </summary>
public sealed class KeeperLibrary(Repository repository, Steps steps)
{
    private const string Package = "libsodium-dev", Archive = "usr/lib/aarch64-linux-gnu/libsodium.a", Licence = $"usr/share/doc/{Package}/copyright";

    /// <summary>Fetches it if it is not there.</summary>
    /// <exception cref="UserException">Debian's archive can't be reached.</exception>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(repository.Libraries, Path.GetFileName(Archive))))
            return;
        await steps.RunAsync("Fetching Debian's libsodium for arm64", async report =>
        {
            var archive = new DebianArchive(Path.Combine(repository.Guests, "apt"));
            var work = repository.Libraries + ".new";
            if (Directory.Exists(work))
                Directory.Delete(work, recursive: true);
            await archive.UpdateAsync(report, cancellation);
            var package = (await archive.DownloadAsync([Package], Path.Combine(work, "package"), report, cancellation)).Single();
            await DebianArchive.ExtractAsync(package, Path.Combine(work, "files"), cancellation);
            foreach (var file in new[] { Archive, Licence })
                File.Move(Path.Combine(work, "files", file), Path.Combine(work, Path.GetFileName(file)));
            Directory.Delete(Path.Combine(work, "package"), recursive: true);
            Directory.Delete(Path.Combine(work, "files"), recursive: true);
            if (Directory.Exists(repository.Libraries))
                Directory.Delete(repository.Libraries, recursive: true);
            Directory.Move(work, repository.Libraries); // At the end, so that a half-done fetch doesn't look done.
        });
    }
}
