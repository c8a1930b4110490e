using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Sizes;

/// <summary>Sizes of the hypervisor where the present branch left main: built once, in a work tree of its own, and kept by commit.</summary>
public sealed class BaseSizes(Repository repository, Steps steps)
{
    private const string Program = "Pocketvisor.Hypervisor", Project = "src/Hypervisor", Map = Project + "/obj/Release/net10.0/native/ld.map", Image = "artifacts/hypervisor.bin";

    /// <summary>Those of this tree, which has been built.</summary>
    public IReadOnlyList<SizeEntry> Here() => Read(repository.Root);

    /// <summary>Those of the base, and its commit; nothing if there is no such commit, as in a tree that isn't from git.</summary>
    public async Task<(IReadOnlyList<SizeEntry>? Sizes, string? Commit)> FindAsync(CancellationToken cancellation)
    {
        if (Tool.Find("git") is null || await BaseAsync(cancellation) is not { } commit)
            return (null, null);
        var kept = Path.Combine(repository.State, "sizes", commit);
        if (!Directory.Exists(kept))
            await steps.RunAsync($"Building the hypervisor of main, {commit}, to compare with", _ => BuildAsync(commit, kept, cancellation));
        return (Read(kept), commit);
    }

    private async Task<string?> BaseAsync(CancellationToken cancellation)
    {
        foreach (var main in new[] { "main", "origin/main" })
        {
            var found = await Tool.RunAsync("git", ["-C", repository.Root, "merge-base", "HEAD", main], cancellation: cancellation);
            if (found.Succeeded)
                return (await Tool.RunAsync("git", ["-C", repository.Root, "rev-parse", "--short", found.Lines[0]], cancellation: cancellation)).Lines[0];
        }
        return null;
    }

    private async Task BuildAsync(string commit, string kept, CancellationToken cancellation)
    {
        var tree = kept + ".tree";
        if (Directory.Exists(tree))
            Directory.Delete(tree, recursive: true); // of a build that was cut off
        Directory.CreateDirectory(tree);
        var archive = tree + ".tar";
        await DoAsync("git", ["-C", repository.Root, "archive", "-o", archive, commit]);
        await DoAsync("tar", ["-xf", archive, "-C", tree]);
        await DoAsync("dotnet", ["build", Path.Combine(tree, Project), "-c", "Release", "-nologo", "-v", "quiet", "-tl:off"]);
        foreach (var file in new[] { Map, Image })
        {
            var copy = Path.Combine(tree + ".kept", file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(tree, file), copy, overwrite: true);
        }
        Directory.Move(tree + ".kept", kept);
        Directory.Delete(tree, recursive: true);
        File.Delete(archive);

        async Task DoAsync(string program, string[] arguments)
        {
            var result = await Tool.RunAsync(program, arguments, cancellation: cancellation);
            if (!result.Succeeded)
                throw new UserException($"Commit {commit} of main doesn't build here, so there is nothing to compare with: {result.Tail()}");
        }
    }

    private static IReadOnlyList<SizeEntry> Read(string root)
    {
        try
        {
            return LinkerMap.Parse(File.ReadAllText(Path.Combine(root, Map)), new FileInfo(Path.Combine(root, Image)).Length, Program);
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new UserException($"{Path.Combine(root, Map)} doesn't say what is in the hypervisor: {e.Message} Delete {Path.Combine(root, Project, "obj")} and build again.");
        }
    }
}
