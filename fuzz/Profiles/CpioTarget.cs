using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Pocketvisor.Profiles;
using static Pocketvisor.Fuzz.FoundException;
using KeepersArchive = Pocketvisor.Keeper.BootMedium.CpioArchive;

namespace Pocketvisor.Fuzz.Profiles;

/// <summary>Archives by both of their readers: no window leaves the archive, and what the PC writes of what it has read, both read as the same.</summary>
public sealed class CpioTarget : IFuzzTarget
{
    public IEnumerable<byte[]> Seeds =>
    [
        Write([]),
        Write([CpioEntry.Folder("profiles"), CpioEntry.File("profiles/a/profile.json", "{}"u8.ToArray()), CpioEntry.File("profiles/a/Image", new byte[65])]),
        Write([CpioEntry.Link("init", "bin/busybox"), CpioEntry.File("bin/busybox", new byte[3], executable: true), CpioEntry.File("x", default)]),
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Walk(input);
        if (KeepersArchive.TryFind(input, "profiles/a/"u8, "Image"u8, out int offset, out int length)) _ = input.Slice(offset, length);
        byte[] archive = input.ToArray();
        IReadOnlyList<CpioEntry> entries;
        try
        {
            entries = CpioArchive.Read(archive);
        }
        catch (InvalidDataException)
        {
            return;
        }

        Demand(entries.Sum(entry => (long)entry.Data.Length) <= archive.Length, "More contents than the archive has bytes.");
        List<CpioEntry> sound = [.. entries.Where(entry => IsName(entry.Path))];
        byte[] written = Write(sound);
        IReadOnlyList<CpioEntry> again = CpioArchive.Read(written);
        Demand(again.Count == sound.Count && again.Zip(sound).All(pair => Same(pair.First, pair.Second)), "Written and read again it is another archive.");
        Demand(Walk(written) == sound.Count(entry => entry.IsFile), "The keeper reads another number of files than the PC has written.");
    }

    // How many files there are before the end, or damage.
    private static int Walk(ReadOnlySpan<byte> bytes)
    {
        var archive = new KeepersArchive(bytes);
        int entries = 0, files = 0;
        while (archive.Next())
        {
            Demand(++entries <= bytes.Length / 110, "More entries than fit.");
            Demand(bytes.Slice(archive.DataOffset, archive.Data.Length) == archive.Data, "Contents that lie elsewhere than it says.");
            if (archive.IsFile) files++;
        }

        return files;
    }

    private static byte[] Write(IEnumerable<CpioEntry> entries)
    {
        using MemoryStream stream = new();
        CpioArchive.Write(stream, entries);
        return stream.ToArray();
    }

    // Names that any writer could have been given.
    private static bool IsName(string path) => path.Length != 0 && path != "TRAILER!!!" && !path.Contains('\0') && !path.Contains('\uFFFD');

    private static bool Same(CpioEntry a, CpioEntry b) => a.Path == b.Path && a.Mode == b.Mode && a.Data.Span.SequenceEqual(b.Data.Span);
}
