using System.Buffers.Binary;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Storage;

/// <summary>What a folder without a manifest holds of a system: the files that a profile can be made of.</summary>
/// <param name="Kernel">Name of the kernel.</param>
/// <param name="Initrd">Name of the initrd, or null.</param>
/// <param name="Disks">Names of the disks, in the order of their names.</param>
/// <param name="Root">Where the first disk's root file system seems to be, for the kernel's command line; null if it isn't told by what is in it.</param>
public sealed record SystemFiles(string Kernel, string? Initrd, IReadOnlyList<string> Disks, string? Root)
{
    private const int MaxDisks = 4, SectorBytes = 512;

    /// <summary>Looks into a folder.</summary>
    /// <exception cref="UserException">It doesn't hold exactly one kernel, or too many of the rest.</exception>
    public static SystemFiles Find(string folder)
    {
        if (!Directory.Exists(folder))
            throw new UserException($"{folder}: there is no such folder; name one that holds a kernel, and disks if you like.", ExitCodes.Usage);
        var names = Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();
        var kernels = names.Where(name => IsKernel(Path.Combine(folder, name))).ToList();
        var initrds = names.Where(name => name.StartsWith("initrd", StringComparison.Ordinal) || name.StartsWith("initramfs", StringComparison.Ordinal)).ToList();
        var disks = names.Where(name => name.EndsWith(".img", StringComparison.Ordinal)).Except(initrds).Except(kernels).ToList();

        if (kernels.Count == 0)
            throw Wrong("holds no arm64 kernel; put one there: an uncompressed Image, which has \"ARM\\x64\" in its header");
        if (kernels.Count > 1)
            throw Wrong($"holds {kernels.Count} kernels, {string.Join(" and ", kernels)}; leave one there");
        if (initrds.Count > 1)
            throw Wrong($"holds {initrds.Count} initrds, {string.Join(" and ", initrds)}; leave one there");
        if (disks.Count > MaxDisks)
            throw Wrong($"holds {disks.Count} disks (*.img), and a profile has at most {MaxDisks}; leave those there that it needs");
        foreach (var disk in disks)
            if (new FileInfo(Path.Combine(folder, disk)).Length is var length && (length == 0 || length % SectorBytes != 0))
                throw Wrong($"holds {disk}, which is no disk image, because its length is no multiple of {SectorBytes} bytes; rename it or mend it");
        return new SystemFiles(kernels[0], initrds.FirstOrDefault(), disks, disks.Count == 0 ? null : RootOf(Path.Combine(folder, disks[0])));

        UserException Wrong(string sentence) => new($"{Repository.Display(folder)} {sentence}.", ExitCodes.Usage);
    }

    // Linux, "Booting AArch64 Linux", "Call the kernel image": the header's magic number.
    private static bool IsKernel(string path)
    {
        const int magicAt = 56;
        var header = Head(path, 64);
        return header.Length == 64 && BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(magicAt)) == 0x644D5241;
    }

    // A bare ext2, 3 or 4 has its magic number in the superblock; a partition table of either kind begins with a boot signature.
    private static string? RootOf(string disk)
    {
        const int ext4MagicAt = 1024 + 56, signatureAt = 510;
        var head = Head(disk, 2048);
        return head.Length < 2048 ? null
            : BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(ext4MagicAt)) == 0xEF53 ? "/dev/vda"
            : BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(signatureAt)) == 0xAA55 ? "/dev/vda1"
            : null;
    }

    private static byte[] Head(string path, int count)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[count];
        return bytes[..file.ReadAtLeast(bytes, count, throwOnEndOfStream: false)];
    }
}
