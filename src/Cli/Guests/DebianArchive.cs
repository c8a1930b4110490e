using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Guests;

/// <summary>
/// Debian's packages for another architecture, by an apt that has a state of its own: lists, cache and an empty status, all below one
/// folder. apt checks the archive's signatures as always, and the machine's own packages stay as they are.
/// </summary>
public sealed class DebianArchive(string folder)
{
    private const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    /// <summary>Fetches the package lists, from the mirrors that this machine uses.</summary>
    /// <exception cref="UserException">This is no Debian, or the mirrors don't answer.</exception>
    public async Task UpdateAsync(Action<string> report, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.Combine(folder, "lists/partial"));
        Directory.CreateDirectory(Path.Combine(folder, "cache/archives/partial"));
        await File.WriteAllLinesAsync(SourcesList, await SourcesAsync(cancellation), cancellation);
        await AptAsync("apt-get", ["update"], "fetch Debian's package lists", report, null, cancellation);
    }

    /// <summary>The package that a meta package stands for: <c>linux-image-arm64</c> → <c>linux-image-6.1.0-…-arm64</c>.</summary>
    public async Task<string> ResolveAsync(string metaPackage, CancellationToken cancellation)
    {
        var result = await AptAsync("apt-cache", ["depends", metaPackage], $"look up {metaPackage}", null, null, cancellation);
        return result.Lines.Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("Depends: ", StringComparison.Ordinal))?["Depends: ".Length..]
            ?? throw new UserException($"Debian's {metaPackage} names no package; remove {Repository.Display(folder)} and run this again.");
    }

    /// <summary>Packages and all that they depend on, by name.</summary>
    public async Task<IReadOnlyList<string>> ClosureAsync(IReadOnlyList<string> packages, CancellationToken cancellation)
    {
        var result = await AptAsync("apt-cache",
            ["depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", .. packages],
            $"look up what {string.Join(", ", packages)} need", null, null, cancellation);
        return [.. result.Lines.Where(line => line.Length > 0 && char.IsAsciiLetterOrDigit(line[0])).Distinct()]; // Others are dependencies and virtual packages.
    }

    /// <summary>Downloads packages.</summary>
    /// <returns>Paths of the .deb files.</returns>
    public async Task<IReadOnlyList<string>> DownloadAsync(IReadOnlyList<string> packages, string into, Action<string> report, CancellationToken cancellation)
    {
        Directory.CreateDirectory(into);
        await AptAsync("apt-get", ["download", .. packages], $"download {string.Join(", ", packages)}", report, into, cancellation);
        return [.. Directory.GetFiles(into, "*.deb").Order(StringComparer.Ordinal)];
    }

    /// <summary>Unpacks a package's files, without running anything of it.</summary>
    public static async Task ExtractAsync(string package, string into, CancellationToken cancellation)
    {
        var result = await Tool.RunAsync("dpkg-deb", ["-x", package, into], cancellation: cancellation);
        if (!result.Succeeded)
            throw new UserException($"{Path.GetFileName(package)} could not be unpacked; make room on the disk and run this again. dpkg-deb says:{Environment.NewLine}{result.Tail(3)}");
    }

    private string SourcesList => Path.Combine(folder, "sources.list");

    /// <summary>This machine's Debian, and so the guests': <c>bookworm</c>.</summary>
    /// <exception cref="UserException">This is no Debian.</exception>
    public static string Codename => File.Exists("/etc/os-release")
        && File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal)) is { } line
            ? line.Split('=')[1].Trim('"')
            : throw NotDebian();

    /// <summary>The machine's own Debian sources, as lines for apt: their mirrors work here.</summary>
    /// <exception cref="UserException">There are none.</exception>
    public static async Task<IReadOnlyList<string>> SourcesAsync(CancellationToken cancellation)
    {
        var codename = Codename;
        if (Tool.Find("apt-get") is null || !File.Exists(Keyring))
            throw NotDebian();
        var result = await Tool.RunAsync("apt-get", ["indextargets", "--no-release-info", "--format", "$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)"], cancellation: cancellation);
        string[] releases = [codename, codename + "-updates", codename + "-security"];
        List<string> sources =
        [
            .. result.Lines.Select(line => line.Split(' '))
                .Where(part => part is ["Packages", _, _, "main"] && releases.Contains(part[2]))
                .Select(part => $"deb [signed-by={Keyring}] {part[1]} {part[2]} main").Distinct(),
        ];
        return sources.Count > 0 ? sources : throw NotDebian();
    }

    /// <summary>How this machine's apt reaches its mirrors, as lines for an apt.conf: proxies, certificates, whether dates count.</summary>
    public static async Task<IReadOnlyList<string>> TransportAsync(CancellationToken cancellation)
    {
        var result = await Tool.RunAsync("apt-config", ["dump", "--no-empty", "Acquire"], cancellation: cancellation);
        string[] kept = ["Acquire::http", "Acquire::Check-", "Acquire::Retries", "Acquire::ForceIP"];
        return [.. result.Lines.Where(line => kept.Any(prefix => line.StartsWith(prefix, StringComparison.Ordinal)))];
    }

    private static UserException NotDebian() => new(
        "Guests, and a library of the keeper, come from Debian's archive, and this machine has no Debian sources for apt: run this on Debian 12.", ExitCodes.Missing);

    private async Task<ToolResult> AptAsync(
        string program, string[] arguments, string purpose, Action<string>? report, string? workingFolder, CancellationToken cancellation)
    {
        string[] options =
        [
            "-oAPT::Architecture=arm64", "-oAPT::Architectures=arm64",
            $"-oDir::State::Lists={Path.Combine(folder, "lists")}", "-oDir::State::status=/dev/null", $"-oDir::Cache={Path.Combine(folder, "cache")}",
            $"-oDir::Etc::sourcelist={SourcesList}", "-oDir::Etc::sourceparts=/dev/null", "-oDir::Etc::preferencesparts=/dev/null",
            "-oAcquire::Languages=none", "-oAcquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            $"-oAPT::Sandbox::User={Environment.UserName}",
        ];
        var result = await Tool.RunAsync(program, [.. options, .. arguments], report, workingFolder, cancellation: cancellation);
        var errors = result.Lines.Where(line => line.StartsWith("E:", StringComparison.Ordinal)).ToList();
        return result.Succeeded ? result : throw new UserException(
            $"apt could not {purpose}; check the network and run this again. It says: {string.Join(" ", errors.Count > 0 ? errors : result.Lines.TakeLast(2))}");
    }
}
