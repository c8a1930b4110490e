using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Xunit;

namespace Pocketvisor.Flash.Tests;

public sealed class VolumeTests
{
    private static readonly byte[] Pattern = [.. Enumerable.Range(0, 5000).Select(x => (byte)(x * 7 + x / 256))];

    [Theory]
    [InlineData(1 << 20, "512")]
    [InlineData(4 << 20, "4K")]
    [InlineData(64 << 20, "32K")]
    [InlineData(300 << 20, "128K")]
    [InlineData(1L << 30, "1M")]
    public void WhatMkfsMakesIsMounted(long bytes, string cluster)
    {
        FakeDevice device = Tools.Mkfs(bytes, cluster);
        ExFatVolume volume = Mount(device);
        Assert.InRange(volume.FreeBytes, 1UL, volume.TotalBytes);
        Assert.False(volume.WasDirty);
        FolderCursor cursor = new(volume.Root);
        Assert.Equal(FlashStatus.NotFound, volume.Next(ref cursor, out _));
        Ok(volume.CreateFolder(volume.Root, "work"u8, out FileNode work));
        Ok(volume.CreateFile(work, "root.img"u8, 5000, out FileNode file));
        Ok(volume.Write(ref file, 0, Pattern));
        Ok(volume.Flush());
        Tools.Fsck(device);

        volume = Mount(device);
        Ok(volume.Find(volume.Root, "WORK"u8, out work));
        Ok(volume.Find(work, "Root.Img"u8, out file));
        byte[] read = new byte[5000];
        Ok(volume.Read(file, 0, read));
        Assert.Equal(Pattern, read);
        Assert.Equal(FlashStatus.OutOfRange, volume.Read(file, 1, read));
        Assert.Equal(Pattern, PlainReader.Read(device).Files["work/root.img"]);
    }

    [Fact]
    public void NamesOfAllScriptsAndLengths()
    {
        FakeDevice device = Tools.Mkfs(2 << 20, "1K");
        ExFatVolume volume = Mount(device);
        string[] names = ["a", "größe", "Ελληνικά", "日本語のファイル", "😀 smile", "with space.txt", new string('x', 210), "fifteen letters", "sixteen letters!"];
        foreach (string name in names) Ok(volume.CreateFile(volume.Root, Encoding.UTF8.GetBytes(name), 0, out _));
        Ok(volume.Flush());
        Tools.Fsck(device);
        volume = Mount(device);
        Assert.Equal(names.Order(StringComparer.Ordinal), List(volume, volume.Root).Order(StringComparer.Ordinal));
        Ok(volume.Find(volume.Root, "GRÖßE"u8, out _));
        Ok(volume.Find(volume.Root, "ελληνικά"u8, out _));
        Assert.Equal(FlashStatus.Exists, volume.CreateFile(volume.Root, "A"u8, 0, out _));
        foreach (string bad in (string[])["", ".", "..", "a/b", "a:b", "tab\t", "quote\"", new string('x', 211)])
            Assert.Equal(FlashStatus.BadName, volume.CreateFile(volume.Root, Encoding.UTF8.GetBytes(bad), 0, out _));
        foreach (byte[] bad in (byte[][])[[0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0xFF]])
            Assert.Equal(FlashStatus.BadName, volume.CreateFile(volume.Root, bad, 0, out _));
    }

    [Fact]
    public void AFileOverFourGigabytes()
    {
        FakeDevice device = Tools.Mkfs(8L << 30, "128K");
        ExFatVolume volume = Mount(device);
        const ulong length = (5ul << 30) + 123;
        Ok(volume.CreateFile(volume.Root, "big.img"u8, length, out FileNode file));
        Ok(volume.MakeValid(ref file, length - 1000));
        Ok(volume.Write(ref file, (4ul << 30) - 100, Pattern));
        Ok(volume.Write(ref file, length - 5000, Pattern));
        Ok(volume.Flush());
        volume = Mount(device);
        Ok(volume.Find(volume.Root, "big.img"u8, out file));
        Assert.Equal(length, file.ValidLength);
        byte[] read = new byte[5000];
        Ok(volume.Read(file, (4ul << 30) - 100, read));
        Assert.Equal(Pattern, read);
        Ok(volume.Read(file, length - 5000, read));
        Assert.Equal(Pattern, read);
        Ok(volume.Read(file, 1ul << 32, read));
        Assert.Equal(Pattern[100..], read[..4900]);
        Extent[] extents = new Extent[4];
        Ok(volume.GetExtents(file, extents, out int count));
        Assert.Equal(1, count);
        Assert.Equal((length + 511) / 512, extents[0].Sectors);
        Ok(volume.SetLength(ref file, (4ul << 30) + 1));
        Ok(volume.Flush());
        Tools.Fsck(device);
    }

    [Fact]
    public void WhatWasDeletedIsNotReadThroughANewFile()
    {
        FakeDevice device = Tools.Mkfs(1 << 20, "512");
        ExFatVolume volume = Mount(device);
        Ok(volume.CreateFile(volume.Root, "secret"u8, 5000, out FileNode file));
        Ok(volume.Write(ref file, 0, Pattern));
        Ok(volume.Flush());
        Ok(volume.Delete(file));
        Ok(volume.CreateFile(volume.Root, "all"u8, volume.FreeBytes - 1024, out file));
        Ok(volume.Write(ref file, file.Length - 1, new byte[] { 1 }));
        byte[] read = new byte[file.Length];
        Ok(volume.Read(file, 0, read));
        Assert.Equal(1, read[^1]);
        Assert.All(read[..^1], x => Assert.Equal(0, x));
        Assert.Equal(FlashStatus.NoSpace, volume.CreateFile(volume.Root, "more"u8, 1 << 20, out _));
    }

    [Fact]
    public void FoldersGrowAndKeepWhatWasFound()
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "512");
        ExFatVolume volume = Mount(device);
        Ok(volume.CreateFolder(volume.Root, "folder"u8, out FileNode folder));
        Ok(volume.CreateFile(folder, "first"u8, 0, out FileNode first));
        for (int i = 0; i < 300; i++)
        {
            Ok(volume.CreateFile(i % 2 == 0 ? folder : volume.Root, Encoding.UTF8.GetBytes($"file {i} with a name of some length"), 600, out _));
        }
        Ok(volume.Flush());
        Tools.Fsck(device);
        Ok(volume.Find(folder, "first"u8, out first));
        Assert.Equal(151, List(volume, folder).Count);
        Assert.Equal(FlashStatus.NotEmpty, volume.Delete(folder));
        foreach (string name in List(volume, folder))
        {
            Ok(volume.Find(folder, Encoding.UTF8.GetBytes(name), out FileNode file));
            Ok(volume.Delete(file));
        }
        Ok(volume.Delete(folder));
        Assert.Equal(FlashStatus.NotFound, volume.Find(folder, "x"u8, out _));
        Ok(volume.Flush());
        Assert.Equal(0, PlainReader.Read(device).Lost);
        Tools.Fsck(device);
    }

    [Fact]
    public void AnOldNodeOfAFileThatIsGoneIsNotFound()
    {
        ExFatVolume volume = Mount(Tools.Mkfs(1 << 20, "512"));
        Ok(volume.CreateFile(volume.Root, "a"u8, 1000, out FileNode file));
        FileNode old = file;
        Ok(volume.SetLength(ref file, 2000));
        Assert.Equal(FlashStatus.Ok, volume.Write(ref old, 1999, new byte[1])); // looked up again
        Ok(volume.Delete(file));
        Assert.Equal(FlashStatus.NotFound, volume.Write(ref old, 0, new byte[1]));
        Assert.Equal(FlashStatus.NotFound, volume.Delete(file));
        FileNode nothing = default;
        Assert.Equal(FlashStatus.NotFound, volume.Read(nothing, 0, new byte[1]));
        Assert.Equal(FlashStatus.WrongKind, volume.Read(volume.Root, 0, new byte[1]));
        Assert.Equal(FlashStatus.WrongKind, volume.Delete(volume.Root));
    }

    [Fact]
    public void VendorsEntriesStayWithTheirFile()
    {
        FakeDevice device = Tools.Mkfs(1 << 20, "4K");
        ExFatVolume volume = Mount(device);
        Ok(volume.CreateFile(volume.Root, "a"u8, 0, out _));
        Ok(volume.Flush());
        EntrySetEditor set = EntrySetEditor.Find(device, 0x85);
        set.Append([0xE0, .. Enumerable.Range(1, 31).Select(x => (byte)x)]);
        volume = Mount(device);
        Ok(volume.Find(volume.Root, "a"u8, out FileNode file));
        Ok(volume.Rename(ref file, volume.Root, "a name of two entries"u8));
        Ok(volume.SetLength(ref file, 5000));
        Ok(volume.Flush());
        Assert.Equal(0, PlainReader.Read(device).Lost); // fsck.exfat 1.2 doesn't know vendors' entries
        set = EntrySetEditor.Find(device, 0x85);
        Assert.Equal(5, set.Bytes.Length / 32);
        Assert.Equal(31, set.Bytes[^1]);
    }

    /// <summary>What other systems write crosses sectors: here between each two of a set's three entries.</summary>
    [Theory]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    public void AnEntrySetAcrossSectors(int entry)
    {
        FakeDevice device = Tools.Mkfs(2 << 20, "4K");
        ExFatVolume volume = Mount(device);
        Ok(volume.CreateFile(volume.Root, "a"u8, 5000, out FileNode file));
        Ok(volume.Write(ref file, 0, Pattern));
        Ok(volume.Flush());
        EntrySetEditor set = EntrySetEditor.Find(device, 0x85);
        ulong sector = set.Address / 512 * 512;
        for (ulong at = set.Address; at < sector + (ulong)entry * 32; at += 32) device[at] = 5;
        EntrySetEditor.At(device, sector + (ulong)entry * 32, set.Bytes).Store();
        Tools.Fsck(device);

        volume = Mount(device);
        Ok(volume.Find(volume.Root, "A"u8, out file));
        Ok(volume.SetLength(ref file, 9000));
        Ok(volume.CreateFile(volume.Root, "b"u8, 0, out _));
        Ok(volume.Flush());
        Tools.Fsck(device);
        Ok(volume.Rename(ref file, volume.Root, "c"u8));
        Ok(volume.Flush());
        Tools.Fsck(device);
        PlainReader reader = PlainReader.Read(device);
        Assert.Equal(["b", "c"], reader.Files.Keys);
        Assert.Equal([.. Pattern, .. new byte[4000]], reader.Files["c"]);
        Ok(volume.Delete(file));
        Ok(volume.Flush());
        Assert.Equal(0, PlainReader.Read(device).Lost);
        Tools.Fsck(device);
    }

    [Fact]
    public void ADeletedEntrySetAcrossSectors()
    {
        FakeDevice device = Tools.Mkfs(2 << 20, "4K");
        ExFatVolume volume = Mount(device);
        Ok(volume.CreateFile(volume.Root, "a"u8, 5000, out _));
        Ok(volume.Flush());
        EntrySetEditor set = EntrySetEditor.Find(device, 0x85);
        ulong sector = set.Address / 512 * 512;
        for (ulong at = set.Address; at < sector + 14 * 32; at += 32) device[at] = 5;
        EntrySetEditor.At(device, sector + 14 * 32, set.Bytes).Store();
        volume = Mount(device);
        Ok(volume.Find(volume.Root, "a"u8, out FileNode file));
        Ok(volume.Delete(file));
        Ok(volume.Flush());
        Assert.Empty(PlainReader.Read(device).Files);
        Tools.Fsck(device);
    }

    /// <summary>mkfs.exfat makes sectors of 512 bytes only, so its volume is rewritten as one of 4,096.</summary>
    [Fact]
    public void SectorsOfFourKilobytes()
    {
        FakeDevice device = Tools.Mkfs(32 << 20, "32K");
        byte[] boot = device.Peek(0).ToArray();
        foreach (int field in (int[])[80, 84, 88]) BitConverter.TryWriteBytes(boot.AsSpan(field), BitConverter.ToUInt32(boot, field) / 8);
        BitConverter.TryWriteBytes(boot.AsSpan(72), BitConverter.ToUInt64(boot, 72) / 8);
        boot[108] = 12;
        boot[109] -= 3;
        uint sum = 0;
        for (int i = 0; i < 11 * 4096; i++)
            if (i is not (106 or 107 or 112)) sum = (sum << 31 | sum >> 1) + (i < 512 ? boot[i] : 0u);
        for (ulong sector = 0; sector < 24 * 8; sector++) device.Put(sector, new byte[512]);
        byte[] sums = new byte[512];
        for (int i = 0; i < 512; i += 4) BitConverter.TryWriteBytes(sums.AsSpan(i), sum);
        foreach (ulong start in (ulong[])[0, 96])
        {
            device.Put(start, boot);
            for (ulong i = 88; i < 96; i++) device.Put(start + i, sums);
        }
        Tools.Fsck(device);

        ExFatVolume volume = Mount(device);
        Ok(volume.CreateFile(volume.Root, "a"u8, 100_000, out FileNode file));
        Ok(volume.Write(ref file, 50_000, Pattern));
        Ok(volume.Flush());
        Tools.Fsck(device);
        device[0] ^= 1;
        volume = Mount(device); // from the backup, which is at another place than with small sectors
        Ok(volume.Find(volume.Root, "a"u8, out file));
        byte[] read = new byte[5000];
        Ok(volume.Read(file, 50_000, read));
        Assert.Equal(Pattern, read);
        Ok(volume.Delete(file));
        Ok(volume.Flush());
        Tools.Fsck(device);
    }

    [Fact]
    public void TheDirtyFlagIsSetByAChangeAndClearedByAFlush()
    {
        FakeDevice device = Tools.Mkfs(1 << 20, "4K");
        ExFatVolume volume = Mount(device);
        Ok(volume.CreateFile(volume.Root, "a"u8, 500_000, out _));
        Assert.Equal(2, device[106]);
        Assert.True(Mount(device.Clone()).WasDirty);
        Ok(volume.Flush());
        Assert.Equal(0, device[106]);
        Assert.InRange(device[112], 50, 60);
        Tools.Fsck(device);
    }

    internal static ExFatVolume Mount(FakeDevice device)
    {
        ExFatVolume volume = new(device);
        FlashStatus status = volume.Mount();
        Assert.True(status == FlashStatus.Ok, $"{status}: {Encoding.UTF8.GetString(volume.Problem)}");
        return volume;
    }

    internal static void Ok(FlashStatus status) => Assert.Equal(FlashStatus.Ok, status);

    internal static List<string> List(ExFatVolume volume, FileNode folder)
    {
        List<string> names = [];
        FolderCursor cursor = new(folder);
        FlashStatus status;
        while ((status = volume.Next(ref cursor, out _)) == FlashStatus.Ok) names.Add(Encoding.UTF8.GetString(volume.LastName));
        Assert.Equal(FlashStatus.NotFound, status);
        return names;
    }
}
