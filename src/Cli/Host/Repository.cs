using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Host;

/// <summary>Where things are in the source tree that this command belongs to.</summary>
public sealed class Repository(string root)
{
    /// <summary>The tree's top folder.</summary>
    public string Root => root;

    /// <summary>The solution.</summary>
    public string Solution => Path.Combine(root, "Pocketvisor.slnx");

    /// <summary>Everything fetched or made on this machine; never committed.</summary>
    public string State => Path.Combine(root, ".pocket");

    /// <summary>What handsets that are up leave for other commands: a folder for each.</summary>
    public string Run => Path.Combine(State, "run");

    /// <summary>Debian's kernel and busybox.</summary>
    public string Guests => Path.Combine(State, "guests");

    /// <summary>What the keeper is linked with: see <see cref="KeeperLibrary"/>.</summary>
    public string Libraries => Path.Combine(State, "lib");

    /// <summary>The bootable image.</summary>
    public string Image => SourceTree.Image;

    /// <summary>The hypervisor alone.</summary>
    public string Hypervisor => SourceTree.Hypervisor;

    /// <summary>The keeper with its symbols.</summary>
    public string KeeperSymbols => Path.Combine(root, "artifacts", "keeper.elf");

    /// <summary>The sample profiles.</summary>
    public string Samples => Path.Combine(root, "samples");

    /// <summary>The user's own profiles.</summary>
    public string Profiles => Path.Combine(root, "profiles");

    /// <summary>The user's handsets.</summary>
    public string Handsets => Path.Combine(root, "handsets");

    /// <summary>The tree that this program belongs to.</summary>
    public static Repository Find() => new(SourceTree.Root);

    /// <summary>A path as the user would write it: relative to the working folder if it is below.</summary>
    public static string Display(string path)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
