using System.IO.Compression;
using System.Text;

namespace Pocketvisor.Profiles;

/// <summary>
/// Makes the initrd of a Debian guest: busybox, the drivers that Debian's kernel has as modules, and our scripts. All profiles can share
/// one, because the host name comes from the kernel's command line.
/// </summary>
public static class GuestInitrd
{
    /// <summary>Drivers of the virtual handset that the initrd brings where the kernel hasn't built them in.</summary>
    public static readonly IReadOnlyList<string> Drivers =
        ["virtio", "virtio_ring", "virtio_mmio", "virtio_console", "virtio-rng", "rtc-pl031", "gpio-pl061", "gpio_keys", "evdev"];

    private static readonly string[] Folders = ["bin", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "lib", "lib/modules", "proc", "root", "run", "sys", "tmp", "var", "var/run"];

    /// <summary>The whole initrd, compressed. The same input gives the same bytes.</summary>
    /// <param name="busybox">A static busybox for arm64.</param>
    /// <param name="modules">Modules in the order in which they load.</param>
    /// <param name="init">The script that the kernel starts.</param>
    /// <param name="profile">/etc/profile of the shell.</param>
    /// <param name="powerKey">What runs when the power key is pressed.</param>
    public static byte[] Make(byte[] busybox, IReadOnlyList<(string Name, byte[] Data)> modules, byte[] init, byte[] profile, byte[] powerKey)
    {
        List<CpioEntry> entries =
        [
            .. Folders.Select(CpioEntry.Folder),
            CpioEntry.File("bin/busybox", busybox, executable: true),
            CpioEntry.File("init", init, executable: true),
            CpioEntry.File("etc/profile", profile),
            CpioEntry.File("etc/acpi/PWRF/00000080", powerKey, executable: true), // The name by which busybox's acpid knows KEY_POWER.
            CpioEntry.File("lib/modules/order", Encoding.ASCII.GetBytes(string.Concat(modules.Select(module => module.Name + ".ko\n")))),
            .. modules.Select(module => CpioEntry.File($"lib/modules/{module.Name}.ko", module.Data)),
        ];

        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.SmallestSize, leaveOpen: true)) // .NET's gzip header holds no time.
            CpioArchive.Write(gzip, entries);
        return result.ToArray();
    }
}
