using System;

namespace Pocketvisor.Keeper.BootMedium;

/// <summary>
/// Walks a cpio archive in the "newc" format (Linux, Documentation/driver-api/early-userspace/buffer-format). The archive is
/// not trusted: every length is checked, and damage ends the walk with <see cref="IsDamaged"/>.
/// </summary>
public ref struct CpioArchive
{
    // 6 bytes of magic and 13 fields of 8 hexadecimal digits; then the name, then the contents, each padded to 4 bytes
    private const int HeaderSize = 110, ModeField = 1, FileSizeField = 6, NameSizeField = 11;
    private const uint TypeMask = 0xF000, RegularFile = 0x8000;

    private readonly ReadOnlySpan<byte> _archive;
    private int _next;

    public CpioArchive(ReadOnlySpan<byte> archive)
    {
        this = default;
        _archive = archive;
    }

    /// <summary>The archive broke a rule of its format, or ended before its trailer.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Path of the current entry, as it was archived.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Contents of the current entry.</summary>
    public ReadOnlySpan<byte> Data { get; private set; }

    /// <summary>Where <see cref="Data"/> begins in the archive.</summary>
    public int DataOffset { get; private set; }

    /// <summary>Not a folder, link or device.</summary>
    public bool IsFile { get; private set; }

    /// <summary>Goes to the next entry; false at the trailer or at damage.</summary>
    public bool Next()
    {
        if (IsDamaged) return false;
        IsDamaged = true; // until the entry turns out to be sound
        if (_archive.Length - _next < HeaderSize) return false;
        ReadOnlySpan<byte> header = _archive.Slice(_next, HeaderSize);
        // 070701, or 070702 with checksums, which nobody computes
        if (!Bytes.StartWith(header, "07070"u8) || header[5] is not ((byte)'1' or (byte)'2')) return false;
        if (!Field(header, ModeField, out uint mode) || !Field(header, FileSizeField, out uint size) || !Field(header, NameSizeField, out uint nameSize)) return false;

        ulong name = (ulong)_next + HeaderSize, data = Align(name + nameSize), end = data + size;
        if (nameSize == 0 || end > (ulong)_archive.Length) return false;
        if (_archive[(int)(name + nameSize) - 1] != 0) return false; // the name's terminator
        Name = _archive.Slice((int)name, (int)nameSize - 1);
        Data = _archive.Slice((int)data, (int)size);
        DataOffset = (int)data;
        IsFile = (mode & TypeMask) == RegularFile;
        _next = (int)Math.Min(Align(end), (ulong)_archive.Length);
        IsDamaged = false;
        return !Bytes.Equal(Name, "TRAILER!!!"u8);
    }

    /// <summary>Looks for one file, from the beginning.</summary>
    public static bool TryFind(ReadOnlySpan<byte> archive, ReadOnlySpan<byte> folder, ReadOnlySpan<byte> file, out int offset, out int length)
    {
        var entries = new CpioArchive(archive);
        while (entries.Next())
        {
            if (!entries.IsFile || entries.Name.Length != folder.Length + file.Length) continue;
            if (!Bytes.StartWith(entries.Name, folder) || !Bytes.Equal(entries.Name.Slice(folder.Length), file)) continue;
            offset = entries.DataOffset;
            length = entries.Data.Length;
            return true;
        }
        offset = length = 0;
        return false;
    }

    private static ulong Align(ulong offset) => (offset + 3) & ~3UL;

    private static bool Field(ReadOnlySpan<byte> header, int index, out uint value)
    {
        value = 0;
        for (int i = 6 + 8 * index; i < 14 + 8 * index; i++)
        {
            int digit = header[i] switch
            {
                >= (byte)'0' and <= (byte)'9' => header[i] - '0',
                >= (byte)'a' and <= (byte)'f' => header[i] - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => header[i] - 'A' + 10,
                _ => -1,
            };
            if (digit < 0) return false;
            value = value << 4 | (uint)digit;
        }
        return true;
    }
}
