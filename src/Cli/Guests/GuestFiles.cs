namespace Pocketvisor.Cli.Guests;

/// <summary>What guests are made of, fetched from Debian's archive once.</summary>
/// <param name="folder">Where it is.</param>
/// <param name="initrd">Path of the initrd.</param>
/// <remarks>
/// <code>
/// vmlinuz             Debian's kernel, byte for byte
/// busybox             linked statically
/// lib/modules/6.1.…/  the kernel's modules, but drivers of hardware that a virtual handset can't have
/// about               the packages' names
/// </code>
/// </remarks>
public sealed class GuestFiles(string folder, string initrd)
{
    /// <summary>File names by which a profile asks for Debian's kernel and our initrd.</summary>
    public const string KernelName = "vmlinuz", InitrdName = "initrd.img";

    // Of drivers/: what is no hardware, or is a virtual handset's. The rest is 170 MB.
    private static readonly string[] Drivers =
    [
        "block", "char", "input", "md", "virtio",
        "net/bonding", "net/ipvlan", "net/ppp", "net/team", "net/vxlan", "net/wireguard",
    ];

    /// <summary>Path of the kernel.</summary>
    public string Kernel => Path.Combine(folder, KernelName);

    /// <summary>Path of the initrd that goes with it: it starts a root disk, or is a small system itself.</summary>
    public string Initrd => initrd;

    /// <summary>Path of the static busybox.</summary>
    public string Busybox => Path.Combine(folder, "busybox");

    /// <summary>Path of the folder with the kernel's modules; its name is the kernel's version.</summary>
    public string Modules => Directory.GetDirectories(Path.Combine(folder, "lib/modules")).Single();

    /// <summary>Names of the packages from which this is.</summary>
    public IReadOnlyList<string> About => File.ReadAllLines(Path.Combine(folder, "about"));

    /// <summary>Whether a guest can have a use for a module.</summary>
    /// <param name="path">Its path below lib/modules/VERSION: <c>kernel/fs/exfat/exfat.ko</c>.</param>
    public static bool Keeps(string path)
    {
        if (path.StartsWith("kernel/sound/", StringComparison.Ordinal))
            return false;
        const string drivers = "kernel/drivers/";
        if (!path.StartsWith(drivers, StringComparison.Ordinal))
            return true;
        var folder = Path.GetDirectoryName(path[drivers.Length..])!;
        return folder == "net" || Drivers.Any(kept => folder == kept || folder.StartsWith(kept + "/", StringComparison.Ordinal));
    }
}
