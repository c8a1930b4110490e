namespace Pocketvisor.Cli.Guests;

/// <summary>What guests are made of, fetched from Debian's archive once.</summary>
/// <param name="folder">Where it is.</param>
/// <param name="initrd">Path of the initrd.</param>
/// <remarks>
/// <code>
/// vmlinuz             Debian's kernel, byte for byte
/// busybox             linked statically
/// lib/modules/6.1.…/  the kernel's modules, but those for hardware that a virtual handset can't have
/// about               the packages' names
/// </code>
/// </remarks>
public sealed class GuestFiles(string folder, string initrd)
{
    /// <summary>File names by which a profile asks for Debian's kernel and our initrd.</summary>
    public const string KernelName = "vmlinuz", InitrdName = "initrd.img";

    // What needs hardware that a virtual handset can't have. systemd would load the radio's parts at each boot, and their kin complain.
    private static readonly string[] Hardware = ["drivers", "net/bluetooth", "net/mac80211", "net/wireless", "sound"];

    // Of drivers/ nevertheless: what is no hardware, or is a virtual handset's. The rest is 200 MB.
    private static readonly string[] Drivers =
    [
        "drivers/block", "drivers/char", "drivers/input", "drivers/md", "drivers/virtio",
        "drivers/net/bonding", "drivers/net/ipvlan", "drivers/net/ppp", "drivers/net/team", "drivers/net/vxlan", "drivers/net/wireguard",
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
        var folder = Path.GetDirectoryName(path)!;
        return !Hardware.Any(Below) || Drivers.Any(Below) || folder == "kernel/drivers/net"; // The cards in net/ itself are virtual ones.

        bool Below(string kernelFolder) => (folder + "/").StartsWith($"kernel/{kernelFolder}/", StringComparison.Ordinal);
    }
}
