using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Host;

/// <summary>Builds the solution, or only the image that a handset boots.</summary>
public sealed class ImageBuild(Repository repository, Steps steps)
{
    /// <summary>The promise to users, checked by the build as well.</summary>
    public const int PromisedHypervisorBytes = 20_000;

    // What the image is made of. Other folders don't touch it.
    private static readonly string[] Sources =
        ["src/Abi", "src/Bare.Corlib", "src/DeviceTree", "src/Flash", "src/Hypervisor", "src/Image", "src/Keeper", "src/Link", "eng", "Directory.Build.props", "Directory.Packages.props", "global.json"];

    /// <summary>Whether the image is older than something that it is made of.</summary>
    public bool IsStale()
    {
        var image = new FileInfo(repository.Image);
        return !image.Exists || !File.Exists(repository.Hypervisor) || Sources.SelectMany(Files).Any(file => file.LastWriteTimeUtc > image.LastWriteTimeUtc);

        IEnumerable<FileInfo> Files(string source)
        {
            var path = Path.Combine(repository.Root, source);
            if (File.Exists(path))
                return [new FileInfo(path)];
            return !Directory.Exists(path) ? [] : new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories)
                .Where(file => !file.FullName[path.Length..].Split('/').Any(part => part is "bin" or "obj"));
        }
    }

    /// <summary>Builds the whole solution.</summary>
    /// <exception cref="UserException">It does not build; the message holds the compiler's errors.</exception>
    public async Task BuildAllAsync(CancellationToken cancellation)
    {
        await new KeeperLibrary(repository, steps).EnsureAsync(cancellation);
        await BuildAsync("Building everything", repository.Solution, cancellation);
    }

    /// <summary>Builds hypervisor and keeper if they are stale.</summary>
    /// <exception cref="UserException">They do not build; the message holds the compiler's errors.</exception>
    public async Task BuildImageAsync(CancellationToken cancellation)
    {
        if (!IsStale())
            return;
        await new KeeperLibrary(repository, steps).EnsureAsync(cancellation);
        await BuildAsync("Building hypervisor and keeper", Path.Combine(repository.Root, "src/Image/Image.csproj"), cancellation);
        if (File.Exists(repository.Image))
            File.SetLastWriteTimeUtc(repository.Image, DateTime.UtcNow); // A source may have changed without changing the image.
    }

    /// <summary>Builds the guest that counts what exits cost.</summary>
    /// <exception cref="UserException">It does not build; the message holds the compiler's errors.</exception>
    public Task BuildExitsGuestAsync(CancellationToken cancellation) => BuildAsync("Building the guest that counts exits", Path.Combine(repository.Root, "bench/Exits/Exits.csproj"), cancellation);

    /// <summary>Builds the guest that works at its own pace, or disturbs.</summary>
    /// <exception cref="UserException">It does not build; the message holds the compiler's errors.</exception>
    public Task BuildPaceGuestAsync(CancellationToken cancellation) => BuildAsync("Building the guest that works at its own pace", Path.Combine(repository.Root, "bench/Pace/Pace.csproj"), cancellation);

    /// <summary>Builds the program that is fuzzed.</summary>
    /// <exception cref="UserException">It does not build; the message holds the compiler's errors.</exception>
    public Task BuildFuzzerAsync(CancellationToken cancellation) => BuildAsync("Building what is fuzzed", Path.Combine(repository.Root, "fuzz/Fuzz.csproj"), cancellation);

    /// <summary>The sizes, for users.</summary>
    public IReadOnlyList<ImageSize> Sizes() =>
    [
        .. new[] { (repository.Hypervisor, (int?)PromisedHypervisorBytes), (repository.Image, null) }
            .Where(x => File.Exists(x.Item1))
            .Select(x => new ImageSize(Path.GetRelativePath(repository.Root, x.Item1), new FileInfo(x.Item1).Length, x.Item2)),
    ];

    private Task BuildAsync(string what, string project, CancellationToken cancellation) => steps.RunAsync(what, async report =>
    {
        var result = await Tool.RunAsync("dotnet", ["build", project, "-c", "Release", "-nologo", "-v", "minimal", "-tl:off"], Line, repository.Root, cancellation: cancellation);
        if (!result.Succeeded)
        {
            var errors = result.Lines.Where(line => line.Contains("error", StringComparison.Ordinal)).Select(line => line.Trim()).Distinct().Take(20).ToList();
            throw new UserException($"The build failed; correct this and run it again:{Environment.NewLine}{(errors.Count > 0 ? string.Join(Environment.NewLine, errors.Select(error => "  " + error)) : result.Tail())}");
        }

        void Line(string text)
        {
            // "  Keeper -> /…/Keeper.dll": a project is done.
            var arrow = text.IndexOf(" -> ", StringComparison.Ordinal);
            report(arrow > 0 ? text[..arrow].Trim() : text.Trim());
        }
    });
}
