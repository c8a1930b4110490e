using System.Globalization;
using System.Text;

namespace Pocketvisor.Profiles;

/// <summary>
/// Archives in the "newc" format of cpio, which Linux takes as an initrd and the keeper as its boot medium (Linux, "initramfs buffer format").
/// The same entries always give the same bytes: no times, no owners, numbers in sequence.
/// </summary>
/// <remarks>
/// <code>
/// "070701" | 13 fields of 8 hex digits: inode mode uid gid links mtime size devmajor devminor rdevmajor rdevminor namesize check
/// name NUL | zeros up to a multiple of 4 | data | zeros up to a multiple of 4 | … | the entry "TRAILER!!!"
/// </code>
/// </remarks>
public static class CpioArchive
{
    private const int HeaderSize = 6 + 13 * 8;
    private const string Magic = "070701", Trailer = "TRAILER!!!";

    /// <summary>Writes an archive.</summary>
    public static void Write(Stream stream, IEnumerable<CpioEntry> entries)
    {
        var inode = 1;
        foreach (var entry in entries)
            WriteEntry(stream, inode++, entry);
        WriteEntry(stream, 0, new CpioEntry(Trailer, 0, default));
    }

    /// <summary>Reads an archive; the entries share <paramref name="archive"/>'s memory.</summary>
    /// <exception cref="InvalidDataException">It is no archive of this format, or it is cut off.</exception>
    public static IReadOnlyList<CpioEntry> Read(ReadOnlyMemory<byte> archive)
    {
        List<CpioEntry> entries = [];
        var at = 0;
        while (true)
        {
            var header = Take(HeaderSize).Span;
            if (!header.StartsWith(Encoding.ASCII.GetBytes(Magic)))
                throw new InvalidDataException($"no cpio header at byte {at - HeaderSize}");
            int mode = Field(header, 1), size = Field(header, 6), nameSize = Field(header, 11);
            var name = Encoding.UTF8.GetString(Take(nameSize).Span).TrimEnd('\0');
            Align();
            var data = Take(size);
            Align();
            if (name == Trailer)
                return entries;
            entries.Add(new CpioEntry(name, mode, data));
        }

        ReadOnlyMemory<byte> Take(int count)
        {
            if (count < 0 || count > archive.Length - at)
                throw new InvalidDataException("the archive is cut off");
            at += count;
            return archive.Slice(at - count, count);
        }

        void Align() => at = Math.Min((at + 3) & ~3, archive.Length);
    }

    private static int Field(ReadOnlySpan<byte> header, int index) =>
        int.TryParse(header.Slice(6 + index * 8, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException("a header field is no hexadecimal number");

    private static void WriteEntry(Stream stream, int inode, CpioEntry entry)
    {
        var name = Encoding.UTF8.GetBytes(entry.Path);
        int[] fields = [inode, entry.Mode, 0, 0, 1, 0, entry.Data.Length, 0, 0, 0, 0, name.Length + 1, 0];
        stream.Write(Encoding.ASCII.GetBytes(Magic + string.Concat(fields.Select(x => x.ToString("x8", CultureInfo.InvariantCulture)))));
        stream.Write(name);
        stream.WriteByte(0);
        Pad(stream, HeaderSize + name.Length + 1);
        stream.Write(entry.Data.Span);
        Pad(stream, entry.Data.Length);
    }

    private static void Pad(Stream stream, int length)
    {
        for (; length % 4 != 0; length++)
            stream.WriteByte(0);
    }
}
