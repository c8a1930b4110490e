namespace Pocketvisor.Handsets;

/// <summary>Where the source tree is that this program was built from, and what its build made.</summary>
public static class SourceTree
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>The top folder: of the launcher that started us, or else the one around this program.</summary>
    /// <exception cref="HandsetException">There is none.</exception>
    public static string Root => Found.Value;

    /// <summary>The bootable image.</summary>
    public static string Image => Path.Combine(Root, "artifacts", "pocketvisor.bin");

    /// <summary>The hypervisor alone.</summary>
    public static string Hypervisor => Path.Combine(Root, "artifacts", "hypervisor.bin");

    /// <summary>The sample profiles.</summary>
    public static string Samples => Path.Combine(Root, "samples");

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("POCKET_ROOT") is { Length: > 0 } root && Directory.Exists(root))
            return root;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Pocketvisor.slnx")))
                return folder.FullName;
        throw new HandsetException("The Pocketvisor source tree was not found: run ./pocket inside it.");
    }
}
