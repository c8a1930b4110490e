using System.Security.Cryptography;
using System.Text;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Guests;

/// <summary>
/// The root disk from which Debian profiles are copied: made once by mmdebstrap, which installs Debian's arm64 packages by emulation, and
/// kept until its recipe, its kernel or Debian's code name is another. Nothing in it belongs to one profile.
/// </summary>
/// <remarks>
/// <code>
/// .pocket/guests/root/root.img  an ext4 file system of DefaultBytes, mostly holes
/// .pocket/guests/root/recipe    what it was made of
/// </code>
/// Why it is made this way: docs/decisions/0010-debian-root.md.
/// </remarks>
public sealed class DebianRoot(Repository repository, Steps steps)
{
    /// <summary>Size of the disk as it is made: 2 GB.</summary>
    public const long DefaultBytes = 2L << 30;

    // Besides Debian's essential packages and apt.
    private static readonly string[] Packages =
    [
        "systemd", "systemd-sysv", "systemd-resolved", "systemd-timesyncd", "libnss-myhostname", "libpam-systemd", "dbus", "udev", "kmod",
        "openssh-server", "iproute2", "iputils-ping", "ca-certificates", "nano", "less", "procps", "e2fsprogs",
    ];

    private static string Sources => Path.Combine(AppContext.BaseDirectory, "Guests");

    private string Folder => Path.Combine(repository.Guests, "root");

    /// <summary>Makes the disk, if there is none of this recipe.</summary>
    /// <param name="guest">Whose modules it gets.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The disk's path.</returns>
    /// <exception cref="UserException">It can't be made here.</exception>
    public async Task<string> EnsureAsync(GuestFiles guest, CancellationToken cancellation)
    {
        var image = Path.Combine(Folder, "root.img");
        var recipe = Recipe(guest);
        var recipeFile = Path.Combine(Folder, "recipe");
        if (File.Exists(image) && File.Exists(recipeFile) && await File.ReadAllTextAsync(recipeFile, cancellation) == recipe)
            return image;
        await steps.RunAsync("Installing Debian for arm64 (some minutes, once)", async report =>
        {
            // Moved into place at the end, so that a half-made one doesn't look made.
            var made = Folder + ".new";
            await RemoveAsync(made, cancellation);
            var work = Directory.CreateDirectory(Path.Combine(made, "work")).FullName;
            var archive = await InstallAsync(guest, work, report, cancellation);
            report("making the file system");
            await MakeFileSystemAsync(archive, Path.Combine(made, "root.img"), cancellation);
            await RemoveAsync(work, cancellation);
            await File.WriteAllTextAsync(Path.Combine(made, "recipe"), recipe, cancellation);
            await RemoveAsync(Folder, cancellation);
            Directory.Move(made, Folder);
        });
        return image;
    }

    private static string Recipe(GuestFiles guest)
    {
        var hash = new StringBuilder();
        foreach (var path in Directory.GetFiles(Path.Combine(Sources, "root"), "*", SearchOption.AllDirectories).Append(Path.Combine(Sources, "finish-root")).Order(StringComparer.Ordinal))
            hash.AppendLine($"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))} {Path.GetRelativePath(Sources, path)}");
        return $"{DebianArchive.Codename}\n{string.Join('\n', guest.About)}\n{string.Join(' ', Packages)}\n{hash}";
    }

    private static async Task<string> InstallAsync(GuestFiles guest, string work, Action<string> report, CancellationToken cancellation)
    {
        string settings = Path.Combine(work, "settings.tar"), sources = Path.Combine(work, "sources.list"), transport = Path.Combine(work, "apt.conf"), result = Path.Combine(work, "root.tar");
        await RequireAsync("tar", [
            "--create", "--file", settings, "--owner=0", "--group=0", "--mode=u=rwX,go=rX", "--transform=s,^lib/,usr/lib/,",
            "-C", Sources, "finish-root", "-C", Path.Combine(Sources, "root"), "etc", "-C", Path.GetFullPath(Path.Combine(guest.Modules, "../../..")), "lib/modules",
        ], "pack the guest's settings", null, cancellation);
        await File.WriteAllLinesAsync(sources, await DebianArchive.SourcesAsync(cancellation), cancellation);
        await File.WriteAllLinesAsync(transport, await DebianArchive.TransportAsync(cancellation), cancellation);
        await RequireAsync("nice", [
            "mmdebstrap", "--arch=arm64", "--variant=minbase", $"--mode={(Environment.IsPrivilegedProcess ? "root" : "unshare")}", "--format=tar", "--verbose",
            $"--include={string.Join(',', Packages)}", $"--aptopt={transport}",
            $"--customize-hook=tar-in \"{settings}\" /",
            $"--customize-hook=chroot \"$1\" sh /finish-root {Path.GetFileName(guest.Modules)} {DebianArchive.Codename}",
            "--customize-hook=rm \"$1/finish-root\"",
            DebianArchive.Codename, result, sources,
        ], "install Debian", report, cancellation);
        return result;
    }

    // mke2fs fills a file system from a folder, whose files must have their owners: so as root, or as one in a user namespace. The kernel
    // makes the guest's /dev itself, and only root may make device files.
    private static async Task MakeFileSystemAsync(string archive, string image, CancellationToken cancellation)
    {
        const string script = """
            set -e
            mkdir "$2.files"
            tar --extract --file "$1" --directory "$2.files" --exclude='./dev/*' --numeric-owner --preserve-permissions --xattrs --xattrs-include='*'
            mke2fs -q -t ext4 -m 1 -d "$2.files" "$2" "$3"
            rm -r "$2.files"
            """;
        await RequireAsync("nice", [.. AsRoot, "sh", "-c", script, "sh", archive, image, $"{DefaultBytes >> 10}k"], "make the root file system", null, cancellation);
    }

    // What was left of a try that was cut short may belong to users of a namespace.
    private static async Task RemoveAsync(string folder, CancellationToken cancellation)
    {
        if (Directory.Exists(folder))
            await RequireAsync("nice", [.. AsRoot, "rm", "-r", folder], $"remove {Repository.Display(folder)}", null, cancellation);
    }

    private static string[] AsRoot => Environment.IsPrivilegedProcess ? [] : ["unshare", "--map-root-user", "--map-auto"];

    private static async Task RequireAsync(string program, string[] arguments, string purpose, Action<string>? report, CancellationToken cancellation)
    {
        var path = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"; // Where mke2fs is, and what packages expect.
        var result = await Tool.RunAsync(program, arguments, report, environment: new Dictionary<string, string> { ["PATH"] = path }, cancellation: cancellation);
        if (!result.Succeeded)
            throw new UserException($"Could not {purpose}; see what it says, mend that and run this again:{Environment.NewLine}{Why(result)}");
    }

    // mmdebstrap marks what matters, and goes on for a while after it.
    private static string Why(ToolResult result)
    {
        var errors = result.Lines.Where(line => line.StartsWith("E:", StringComparison.Ordinal)).ToList();
        return errors.Count > 0 ? string.Join(Environment.NewLine, errors.Select(line => "  " + line)) : result.Tail(6);
    }
}
