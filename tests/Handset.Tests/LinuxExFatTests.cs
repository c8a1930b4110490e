using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using Pocketvisor.Flash;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>Our exFAT against the Linux kernel's: what either writes, the other reads.</summary>
public sealed class LinuxExFatTests : IDisposable
{
    private static readonly string[] Names =
    [
        "Ελληνικά και Кириллица.txt", "日本語のファイル名.dat", "עברית", "emoji 😀 and é", new string('n', 255), new string('ж', 255), "UPPER lower.MiXeD", " leading space", "a+b=c;[d],e",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("exfat-");

    private string Image => Path.Combine(_folder.FullName, "volume.img");

    [Fact]
    public async Task WeReadWhatLinuxWrote()
    {
        const string big = "more than 4 GB";
        const ulong bigBytes = (4200UL << 20) + 6;
        Create(6L << 30);
        Dictionary<string, string> expected;
        await using (var linux = await Lab.StartAsync(Image))
        {
            await linux.AskAsync("mkfs.exfat /dev/vda && mount -t exfat /dev/vda /mnt && mkdir -p /mnt/names /mnt/many /mnt/deep/er/and/deeper");
            foreach (string name in Names) await linux.AskAsync($"echo hello >/mnt/names/{Lab.Quote(name)}");

            // A thousand files, of which two thirds stay: the entries of the others are free, in the middle of the folder.
            await linux.AskAsync("i=0; while [ $i -lt 1000 ]; do echo \"file $i\" >/mnt/many/$i; i=$((i+1)); done");
            await linux.AskAsync("i=0; while [ $i -lt 1000 ]; do set -- \"$@\" /mnt/many/$i; i=$((i+3)); done; rm \"$@\"; set --");

            // Two files that grow by turns lie in pieces.
            await linux.AskAsync("i=0; while [ $i -lt 40 ]; do dd if=/dev/urandom bs=64k count=1 2>/dev/null >>/mnt/deep/left; dd if=/dev/urandom bs=40k count=1 2>/dev/null >>/mnt/deep/er/and/deeper/right; i=$((i+1)); done");
            await linux.AskAsync("rm /mnt/deep/left; dd if=/dev/urandom of=/mnt/deep/holes bs=1M count=4 2>/dev/null; : >/mnt/deep/empty");
            expected = await linux.DigestsAsync("/mnt");

            // exFAT has no holes: Linux writes the zeros in between, a matter of minutes on a busy machine.
            await linux.AskAsync($"b=/mnt/{Lab.Quote(big)}; printf begin >\"$b\" && printf 'at end' | dd of=\"$b\" bs=1M seek=4200 conv=notrunc 2>/dev/null", TimeSpan.FromMinutes(8));
            await linux.AskAsync("umount /mnt && fsck.exfat -n /dev/vda");
            await linux.PowerOffAsync();
        }

        using var tree = new VolumeTree(Image);
        Assert.False(tree.Volume.WasDirty);
        var found = tree.Files(digest: name => name != big);
        Assert.Equal(bigBytes, found[big].Length);
        var node = tree.Find(big);
        Assert.Equal("begin\0"u8, tree.Read(node, 0, 6));
        Assert.Equal("\0at end"u8, tree.Read(node, bigBytes - 7, 7));
        found.Remove(big);
        Assert.Equal(Names.Length + 666 + 3, found.Count);
        Assert.Equal(Sorted(expected), Sorted(found.Select(file => KeyValuePair.Create(file.Key, file.Value.Digest))));
        Assert.All(Names, name => Assert.Equal(6UL, found[$"names/{name}"].Length));

        var extents = new Extent[64];
        tree.Must(tree.Volume.GetExtents(tree.Find("deep/er/and/deeper/right"), extents, out int count));
        Assert.True(count > 10, $"the file that should lie in pieces lies in {count}");
    }

    [Fact]
    public async Task LinuxReadsWhatWeWrote()
    {
        const int longestOfOurs = 210; // docs/flash.md: a set of entries that we write lies in one sector.
        Create(512L << 20);
        TestFlash.Run("mkfs.exfat", Image);
        Dictionary<string, string> expected = [];
        using (var tree = new VolumeTree(Image))
        {
            var volume = tree.Volume;
            var random = new Random(3);
            tree.Must(volume.CreateFolder(volume.Root, "names"u8, out var names));
            foreach (string name in Names.Select(name => name[..Math.Min(name.Length, longestOfOurs)])) Write(tree, names, $"names/{name}", random.Next(100));
            tree.Must(volume.CreateFolder(volume.Root, "many"u8, out var many));
            for (int i = 0; i < 1000; i++) Write(tree, many, $"many/{i}", i % 10 == 0 ? random.Next(100_000) : random.Next(100));
            for (int i = 0; i < 1000; i += 3) Delete($"many/{i}");

            // What is free now lies in pieces, and so does a file that takes much of it.
            Write(tree, volume.Root, "pieces", 8 << 20);
            var renamed = tree.Find("many/1");
            tree.Must(volume.Rename(ref renamed, volume.Root, "ein anderer Name, 別の名前"u8));
            expected["ein anderer Name, 別の名前"] = expected["many/1"];
            expected.Remove("many/1");

            // What was never written is zeros. Linux before 6.8 takes "ValidDataLength" for a file's length, so what it shall read must be valid.
            tree.Must(volume.CreateFile(volume.Root, "zeros"u8, 100_000, out var zeros));
            tree.Must(volume.Write(ref zeros, 70_000, "x"u8));
            tree.Must(volume.MakeValid(ref zeros, 100_000));
            byte[] contents = new byte[100_000];
            contents[70_000] = (byte)'x';
            expected["zeros"] = Convert.ToHexStringLower(SHA256.HashData(contents));
            tree.Must(volume.Flush());

            void Delete(string path)
            {
                tree.Must(volume.Delete(tree.Find(path)));
                expected.Remove(path);
            }
        }

        await using (var linux = await Lab.StartAsync(Image))
        {
            await linux.AskAsync("fsck.exfat -n /dev/vda && mount -t exfat /dev/vda /mnt");
            Assert.Equal(Sorted(expected), Sorted(await linux.DigestsAsync("/mnt")));

            // And goes on where we ended.
            await linux.AskAsync("rm -r /mnt/many && echo more >/mnt/more && cat /mnt/more >>/mnt/zeros && umount /mnt && fsck.exfat -n /dev/vda");
            await linux.PowerOffAsync();
        }
        using (var tree = new VolumeTree(Image)) Assert.Equal(Names.Length + 4, tree.Files().Count);

        void Write(VolumeTree tree, in FileNode folder, string path, int length)
        {
            byte[] contents = new byte[length];
            new Random(length).NextBytes(contents);
            tree.Must(tree.Volume.CreateFile(folder, Encoding.UTF8.GetBytes(path[(path.IndexOf('/') + 1)..]), (ulong)length, out var file));
            tree.Must(tree.Volume.Write(ref file, 0, contents));
            expected[path] = Convert.ToHexStringLower(SHA256.HashData(contents));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<string> Sorted(IEnumerable<KeyValuePair<string, string>> digests) => digests.Select(file => $"{file.Key}: {file.Value}").Order(StringComparer.Ordinal);

    private void Create(long bytes)
    {
        using var file = File.Create(Image);
        file.SetLength(bytes);
    }
}
