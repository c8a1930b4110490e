using System.IO.Compression;
using System.Text;

namespace Pocketvisor.Profiles;

/// <summary>
/// Makes the initrd of a Debian guest: busybox, the drivers that Debian's kernel has as modules, and our scripts. All profiles can share
/// one, because host name and root disk come from the kernel's command line.
/// </summary>
public static class GuestInitrd
{
    /// <summary>
    /// What a root disk needs before it is mounted, where the kernel hasn't built it in. The console is among them: systemd starts a login
    /// only on consoles that are there when it starts. ext4 asks for crc32c by a name that its module doesn't list.
    /// </summary>
    public static readonly IReadOnlyList<string> BootDrivers = ["virtio_mmio", "virtio_console", "virtio_blk", "crc32c_generic", "ext4"];

    /// <summary>What the initrd loads besides if it is the whole system. A system on a disk brings its own.</summary>
    public static readonly IReadOnlyList<string> Drivers = ["virtio-rng", "virtio_net", "rtc-pl031", "gpio-pl061", "gpio_keys", "evdev", "exfat"];

    private static readonly string[] Folders =
        ["bin", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "etc/udhcpc", "lib", "lib/modules", "mnt", "proc", "root", "run", "sys", "tmp", "var", "var/run"];

    /// <summary>The whole initrd, compressed. The same input gives the same bytes.</summary>
    /// <param name="busybox">A static busybox for arm64.</param>
    /// <param name="bootModules">The modules of <see cref="BootDrivers"/>, in the order in which they load.</param>
    /// <param name="modules">The modules of <see cref="Drivers"/>, in the order in which they load after those.</param>
    /// <param name="init">The script that the kernel starts.</param>
    /// <param name="profile">/etc/profile of the shell.</param>
    /// <param name="powerKey">What runs when the power key is pressed.</param>
    /// <param name="dhcp">What runs when the network card has an address.</param>
    public static byte[] Make(
        byte[] busybox, IReadOnlyList<(string Name, byte[] Data)> bootModules, IReadOnlyList<(string Name, byte[] Data)> modules, byte[] init, byte[] profile, byte[] powerKey, byte[] dhcp)
    {
        List<CpioEntry> entries =
        [
            .. Folders.Select(CpioEntry.Folder),
            CpioEntry.File("bin/busybox", busybox, executable: true),
            CpioEntry.File("init", init, executable: true),
            CpioEntry.File("etc/profile", profile),
            CpioEntry.File("etc/acpi/PWRF/00000080", powerKey, executable: true), // The name by which busybox's acpid knows KEY_POWER.
            CpioEntry.File("etc/udhcpc/default.script", dhcp, executable: true),
            CpioEntry.File("lib/modules/boot", Names(bootModules)),
            CpioEntry.File("lib/modules/more", Names(modules)),
            .. bootModules.Concat(modules).Select(module => CpioEntry.File($"lib/modules/{module.Name}.ko", module.Data)),
        ];
        return Compress(entries);

        static byte[] Names(IReadOnlyList<(string Name, byte[] Data)> modules) => Encoding.ASCII.GetBytes(string.Concat(modules.Select(module => module.Name + ".ko\n")));
    }

    /// <summary>A compressed archive. Linux unpacks several, one after the other, as one initrd.</summary>
    public static byte[] Compress(IReadOnlyList<CpioEntry> entries)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.SmallestSize, leaveOpen: true)) // .NET's gzip header holds no time.
            CpioArchive.Write(gzip, entries);
        return result.ToArray();
    }
}
