using System.Diagnostics;
using System.Text;

namespace Pocketvisor.Profiles.Tests;

/// <summary>Our archives are read by the real cpio, and the real cpio's by us.</summary>
public sealed class CpioArchiveTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocket-cpio-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Cpio_unpacks_what_we_write()
    {
        CpioEntry[] entries =
        [
            CpioEntry.Folder("bin"),
            CpioEntry.File("bin/one", Bytes(1), executable: true),
            CpioEntry.File("two", Bytes(2)),
            CpioEntry.File("three", Bytes(3)),
            CpioEntry.File("large", Bytes(100_003)),
            CpioEntry.File("empty", default),
            CpioEntry.Link("link", "bin/one"),
        ];

        Cpio("-idm --quiet", Archive(entries));

        foreach (var entry in entries.Where(entry => entry.IsFile))
            Assert.Equal(entry.Data.ToArray(), File.ReadAllBytes(Path.Combine(_folder.FullName, entry.Path)));
        Assert.Equal("bin/one", new FileInfo(Path.Combine(_folder.FullName, "link")).LinkTarget);
        Assert.True(File.GetUnixFileMode(Path.Combine(_folder.FullName, "bin/one")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.GetUnixFileMode(Path.Combine(_folder.FullName, "two")).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public void We_read_what_cpio_packs()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "profiles/work"));
        File.WriteAllBytes(Path.Combine(_folder.FullName, "profiles/work/a"), Bytes(5));
        File.WriteAllBytes(Path.Combine(_folder.FullName, "profiles/b"), Bytes(8));

        var archive = Cpio("-o -H newc --quiet", Encoding.UTF8.GetBytes("profiles\nprofiles/work\nprofiles/work/a\nprofiles/b\n"));
        var files = CpioArchive.Read(archive).Where(entry => entry.IsFile).ToDictionary(entry => entry.Path, entry => entry.Data.ToArray());

        Assert.Equal(["profiles/work/a", "profiles/b"], files.Keys);
        Assert.Equal(Bytes(5), files["profiles/work/a"]);
        Assert.Equal(Bytes(8), files["profiles/b"]);
    }

    [Fact]
    public void The_same_entries_give_the_same_bytes()
    {
        CpioEntry[] entries = [CpioEntry.Folder("a"), CpioEntry.File("a/b", Bytes(7))];

        Assert.Equal(Archive(entries), Archive(entries));
        Assert.Equal(0, Archive(entries).Length % 4);
    }

    [Fact]
    public void Every_cut_is_noticed()
    {
        var archive = Archive([CpioEntry.File("name", Bytes(9))]);

        // Up to the trailer's last letter; the zeros behind it may be missing.
        for (var length = 0; length < archive.Length - 4; length++)
            Assert.Throws<InvalidDataException>(() => CpioArchive.Read(archive.AsMemory(0, length)));
    }

    [Fact]
    public void The_boot_medium_holds_each_profile_in_its_folder()
    {
        var manifest = new ProfileManifest { Name = "work", Memory = new MemorySize(2 << 20), Kernel = "Image", Initrd = "initrd.img" };

        var entries = CpioArchive.Read(Archive(BootMedium.Entries(manifest, Bytes(3), Bytes(4))));

        Assert.Equal(["profiles/work/profile.json", "profiles/work/Image", "profiles/work/initrd.img"], entries.Select(entry => entry.Path));
        Assert.Equal(manifest, ManifestReader.Read("x", Encoding.UTF8.GetString(entries[0].Data.Span)));
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(count, count).Select(i => (byte)(i * 7))];

    private static byte[] Archive(IEnumerable<CpioEntry> entries)
    {
        using var stream = new MemoryStream();
        CpioArchive.Write(stream, entries);
        return stream.ToArray();
    }

    private byte[] Cpio(string arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo("cpio", arguments) { WorkingDirectory = _folder.FullName, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        reading.Wait();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
