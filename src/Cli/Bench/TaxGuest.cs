using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// The Linux whose work is counted: Debian's kernel, and an initrd of busybox and our script (Guest/init). No drivers are loaded, so that it
/// finds the same devices on every side.
/// </summary>
public sealed class TaxGuest(Repository repository, GuestFiles files)
{
    /// <summary>Its memory.</summary>
    public static readonly MemorySize Memory = new(512 << 20);

    private static readonly string[] Folders = ["bin", "dev", "proc", "sys", "tmp"];

    /// <summary>Path of the kernel.</summary>
    public string Kernel => files.Kernel;

    /// <summary>Path of the initrd.</summary>
    public string Initrd => Path.Combine(repository.Guests, "tax.img");

    /// <summary>Makes the initrd. The same input gives the same bytes.</summary>
    public async Task EnsureAsync(CancellationToken cancellation)
    {
        List<CpioEntry> entries =
        [
            .. Folders.Select(CpioEntry.Folder),
            CpioEntry.File("bin/busybox", await File.ReadAllBytesAsync(files.Busybox, cancellation), executable: true),
            CpioEntry.File("init", await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Bench", "Guest", "init"), cancellation), executable: true),
        ];
        await File.WriteAllBytesAsync(Initrd, GuestInitrd.Compress(entries), cancellation);
    }

    /// <summary>The kernel's command line.</summary>
    /// <param name="words">What the guest shall do, and settings of the kernel.</param>
    public static string CommandLine(string words) => $"console=ttyAMA0 quiet {words}".TrimEnd();
}
