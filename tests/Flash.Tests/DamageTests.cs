using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Xunit;

namespace Pocketvisor.Flash.Tests;

/// <summary>Volumes that contradict themselves are refused with a sentence; never followed, never changed.</summary>
public sealed class DamageTests
{
    private static readonly FakeDevice Sound = Build();

    public static TheoryData<int, int> BootFields => new()
    {
        // offset and length of every field of the boot sector that must have, or fit, a value
        { 0, 3 }, { 3, 8 }, { 11, 53 }, { 72, 8 }, { 80, 4 }, { 84, 4 }, { 88, 4 }, { 92, 4 }, { 96, 4 }, { 104, 2 }, { 108, 1 }, { 109, 1 }, { 110, 1 }, { 510, 2 },
    };

    /// <summary>The checksums of both boot regions are put right, so that the field itself must be noticed, or be harmless.</summary>
    [Theory]
    [MemberData(nameof(BootFields))]
    public void EachBootField(int offset, int length)
    {
        int refused = 0;
        for (int i = 0; i < length; i++)
        {
            foreach (byte value in (byte[])[0, 1, 0x7F, 0xFF])
            {
                FakeDevice device = Sound.Clone();
                ulong at = (ulong)(offset + i);
                if (device[at] == value) continue;
                device[at] = value;
                SealBoot(device, 0);
                for (ulong sector = 0; sector < 12; sector++) device.Put(12 + sector, device.Peek(sector));
                if (!Survives(device, out _)) refused++;
            }
        }
        Assert.True(refused >= length);
    }

    [Fact]
    public void ADamagedBootRegionIsReplacedByItsBackup()
    {
        for (ulong at = 0; at < 12 * 512; at += 37)
        {
            if (at is 106 or 107 or 112) continue;
            FakeDevice device = Sound.Clone();
            device[at] ^= 0x10;
            ExFatVolume volume = VolumeTests.Mount(device);
            Assert.Equal(3, VolumeTests.List(volume, volume.Root).Count);
            VolumeTests.Ok(volume.CreateFolder(volume.Root, "new"u8, out _));
            VolumeTests.Ok(volume.Flush());
            if (at % 5 == 0) Tools.Fsck(device);
            PlainReader.Read(device);
        }
    }

    [Fact]
    public void BothBootRegionsDamaged()
    {
        FakeDevice device = Sound.Clone();
        device[200] ^= 1;
        device[200 + 12 * 512] ^= 1;
        Assert.False(Survives(device, out string problem));
        Assert.Equal("The boot region has a wrong checksum.", problem);
        Assert.Equal(FlashStatus.NotExFat, new ExFatVolume(new FakeDevice(1000)).Mount());
        Assert.Equal(FlashStatus.NotExFat, new ExFatVolume(new FakeDevice(0)).Mount());
    }

    /// <summary>Without a right checksum each changed bit of a set must be noticed; with one, nothing worse than another name or date may come of it.</summary>
    [Theory]
    [InlineData(0x85, false)]
    [InlineData(0x85, true)]
    [InlineData(0x81, true)]
    [InlineData(0x82, true)]
    public void EachByteOfAnEntrySet(byte type, bool seal)
    {
        int bytes = EntrySetEditor.Find(Sound, type).Bytes.Length;
        for (int i = 0; i < bytes; i++)
        {
            foreach (byte flip in (byte[])[0x01, 0x02, 0x40, 0x80, 0xFF])
            {
                FakeDevice device = Sound.Clone();
                EntrySetEditor set = EntrySetEditor.Find(device, type);
                if (seal)
                {
                    set.Bytes[i] ^= flip;
                    set.Store();
                }
                else
                {
                    device[set.Address + (ulong)i] ^= flip;
                    bool gone = i == 0 && (flip & 0xC0) != 0; // no longer in use, or without its file: what a PC's half-done deletion leaves
                    Assert.True(gone || !Survives(device.Clone(), out _), $"byte {i} ^ {flip:x}");
                }
                Survives(device, out _);
            }
        }
    }

    [Theory]
    [InlineData("loop")]
    [InlineData("short")]
    [InlineData("long")]
    [InlineData("outside")]
    [InlineData("bitmap")]
    [InlineData("free")]
    public void AFilesClusters(string damage)
    {
        FakeDevice device = Sound.Clone();
        byte[] set = EntrySetEditor.Find(device, 0x85).Bytes; // the chained file
        uint first = BitConverter.ToUInt32(set, 52), bitmap = BitConverter.ToUInt32(EntrySetEditor.Find(device, 0x81).Bytes, 20);
        Assert.Equal(0, set[33] & 2);
        ReadOnlySpan<byte> boot = device.Peek(0);
        ulong fat = BitConverter.ToUInt32(boot[80..]) * 512ul, heap = BitConverter.ToUInt32(boot[88..]) * 512ul;
        ulong entry = fat + first * 4;
        uint next = BitConverter.ToUInt32(Bytes(device, entry, 4));
        switch (damage)
        {
            case "loop": Put(device, fat + next * 4, first); break;
            case "short": Put(device, entry, uint.MaxValue); break;
            case "long":
                while (BitConverter.ToUInt32(Bytes(device, fat + next * 4, 4)) is var then && then != uint.MaxValue) next = then;
                Put(device, fat + next * 4, 60);
                break;
            case "outside": Put(device, entry, 0x00FF_FFFF); break;
            case "bitmap": Put(device, entry, bitmap); break;
            case "free": device[heap + (ulong)(bitmap - 2) * 512 + (first - 2) / 8] &= (byte)~(1 << (int)((first - 2) % 8)); break;
        }
        FakeDevice copy = device.Clone();
        ExFatVolume volume = VolumeTests.Mount(device);
        VolumeTests.Ok(volume.Find(volume.Root, "chained"u8, out FileNode file));
        Assert.Equal(FlashStatus.Damaged, volume.Read(file, 0, new byte[1]));
        Assert.True(volume.Problem.Length > 10);
        Assert.Equal(FlashStatus.Damaged, volume.Delete(file));
        Assert.Equal(FlashStatus.Damaged, volume.CreateFolder(volume.Root, "new"u8, out _));
        Assert.Equal(FlashStatus.Damaged, volume.Flush());
        Assert.True(Same(copy, device));
        // What is sound beside it can still be read.
        VolumeTests.Ok(volume.Find(volume.Root, "plain"u8, out file));
        VolumeTests.Ok(volume.Read(file, 0, new byte[3000]));
    }

    /// <summary>A name that needs more entries makes it move, and then its clusters are copied.</summary>
    [Theory]
    [InlineData(0x00FF_FFFFu)]
    [InlineData(0u)]
    public void AFileThatMovesToALongerName(uint next)
    {
        FakeDevice device = Sound.Clone();
        uint first = BitConverter.ToUInt32(EntrySetEditor.Find(device, 0x85).Bytes, 52); // the chained file
        Put(device, BitConverter.ToUInt32(device.Peek(0)[80..]) * 512ul + first * 4, next);
        FakeDevice copy = device.Clone();
        ExFatVolume volume = VolumeTests.Mount(device);
        VolumeTests.Ok(volume.Find(volume.Root, "chained"u8, out FileNode file));
        Assert.Equal(FlashStatus.Damaged, volume.Rename(ref file, volume.Root, Encoding.UTF8.GetBytes(new string('x', 200))));
        Assert.True(Same(copy, device));
    }

    [Fact]
    public void AWrongUpcaseTable()
    {
        uint first = BitConverter.ToUInt32(EntrySetEditor.Find(Sound, 0x82).Bytes, 20);
        ulong heap = BitConverter.ToUInt32(Sound.Peek(0)[88..]) * 512ul;
        for (ulong i = 0; i < 5836; i += 97)
        {
            FakeDevice device = Sound.Clone();
            device[heap + (ulong)(first - 2) * 512 + i] ^= 1;
            Assert.False(Survives(device, out string problem));
            Assert.StartsWith("The up-case table is", problem);
        }
    }

    /// <summary>Random damage anywhere that matters: no hang, no exception, and FakeDevice sees no access outside.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomDamage(int seed)
    {
        Random random = new(seed);
        ReadOnlySpan<byte> boot = Sound.Peek(0);
        ulong fat = BitConverter.ToUInt32(boot[80..]) * 512ul, heap = BitConverter.ToUInt32(boot[88..]) * 512ul;
        for (int round = 0; round < 4000; round++)
        {
            FakeDevice device = Sound.Clone();
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                ulong at = random.Next(4) switch
                {
                    0 => (ulong)random.Next(512),
                    1 => fat + (ulong)random.Next(600),
                    2 => heap + (ulong)random.Next(1024),
                    _ => EntrySetEditor.Find(Sound, 0x81).Address - 32 + (ulong)random.Next(512),
                };
                device[at] = (byte)random.Next(256);
            }
            if (random.Next(2) == 0) SealBoot(device, 0);
            if (random.Next(2) == 0) EntrySetEditor.At(device, EntrySetEditor.Find(Sound, 0x85).Address).Store();
            Survives(device, out _);
        }
    }

    [Fact]
    public void ADeviceThatFailsEndsAllChanges()
    {
        for (int after = 0; after < 40; after++)
        {
            FakeDevice device = Sound.Clone();
            ExFatVolume volume = VolumeTests.Mount(device);
            device.FailAfter = after;
            FlashStatus status = Use(volume);
            if (status == FlashStatus.Ok) break;
            Assert.True(status == FlashStatus.DeviceFailed, $"{after} {status} {Encoding.UTF8.GetString(volume.Problem)}");
            device.FailAfter = int.MaxValue;
            Assert.Equal(FlashStatus.DeviceFailed, volume.CreateFolder(volume.Root, "more"u8, out _));
            Assert.Equal(FlashStatus.DeviceFailed, volume.Flush());
            PlainReader.Read(device);
            volume.Mount();
            VolumeTests.Ok(volume.CreateFolder(volume.Root, "more"u8, out _));
            Assert.NotEqual(39, after);
        }
    }

    /// <summary>Mounts, reads everything, changes something of each kind.</summary>
    /// <returns>Whether nothing was wrong.</returns>
    private static bool Survives(FakeDevice device, out string problem)
    {
        ExFatVolume volume = new(device);
        FlashStatus status = volume.Mount();
        if (status == FlashStatus.Ok) status = ReadAll(volume, volume.Root, 0);
        if (status == FlashStatus.Ok) status = Use(volume);
        problem = Encoding.UTF8.GetString(volume.Problem);
        if (status is FlashStatus.Damaged or FlashStatus.NotExFat) Assert.EndsWith(".", problem);
        if (status == FlashStatus.Damaged && volume.Root.IsFolder) Assert.NotEqual(FlashStatus.Ok, volume.CreateFile(volume.Root, "later"u8, 0, out _));
        return status is not (FlashStatus.Damaged or FlashStatus.NotExFat);
    }

    private static FlashStatus ReadAll(ExFatVolume volume, FileNode folder, int depth)
    {
        if (depth > 3) return FlashStatus.Ok; // folders may be made to contain themselves
        FlashStatus worst = FlashStatus.Ok;
        byte[] data = new byte[700];
        Extent[] extents = new Extent[64];
        FolderCursor cursor = new(folder);
        for (int i = 0; i < 10_000; i++)
        {
            FlashStatus status = volume.Next(ref cursor, out FileNode node);
            if (status == FlashStatus.NotFound) return worst;
            if (status == FlashStatus.Ok && node.IsFolder) status = ReadAll(volume, node, depth + 1);
            else if (status == FlashStatus.Ok)
            {
                status = volume.GetExtents(node, extents, out int count);
                if (status == FlashStatus.Ok && node.Length >= 700) status = volume.Read(node, node.Length - 700, data);
            }
            if (status is not (FlashStatus.Ok or FlashStatus.TooFragmented)) worst = status;
            if (status == FlashStatus.Damaged && i > 100) return worst;
        }
        throw new InvalidOperationException("A folder without an end.");
    }

    private static FlashStatus Use(ExFatVolume volume)
    {
        FlashStatus status = volume.CreateFile(volume.Root, "used"u8, 3000, out FileNode file);
        if (status == FlashStatus.Ok) status = volume.Write(ref file, 1000, new byte[500]);
        if (status == FlashStatus.Ok) status = volume.Rename(ref file, volume.Root, "used up"u8);
        if (status == FlashStatus.Ok) status = volume.Find(volume.Root, "chained"u8, out file);
        if (status == FlashStatus.Ok) status = volume.SetLength(ref file, 2000);
        if (status == FlashStatus.Ok) status = volume.Find(volume.Root, "plain"u8, out file);
        if (status == FlashStatus.Ok) status = volume.Delete(file);
        return status == FlashStatus.Ok ? volume.Flush() : status;
    }

    private static FakeDevice Build()
    {
        FakeDevice device = Tools.Mkfs(1 << 20, "512");
        ExFatVolume volume = VolumeTests.Mount(device);
        VolumeTests.Ok(volume.CreateFile(volume.Root, "chained"u8, 1500, out FileNode chained));
        VolumeTests.Ok(volume.CreateFile(volume.Root, "plain"u8, 3000, out FileNode plain));
        VolumeTests.Ok(volume.SetLength(ref chained, 4000)); // doesn't fit behind
        VolumeTests.Ok(volume.Write(ref chained, 0, Enumerable.Range(0, 4000).Select(x => (byte)x).ToArray()));
        VolumeTests.Ok(volume.CreateFolder(volume.Root, "folder"u8, out FileNode folder));
        VolumeTests.Ok(volume.CreateFile(folder, "inside"u8, 100, out _));
        VolumeTests.Ok(volume.Flush());
        Tools.Fsck(device);
        return device;
    }

    private static void SealBoot(FakeDevice device, ulong start)
    {
        uint sum = 0;
        for (ulong i = 0; i < 11 * 512; i++)
            if (i is not (106 or 107 or 112)) sum = (sum << 31 | sum >> 1) + device[start * 512 + i];
        for (ulong i = 0; i < 512; i += 4) Put(device, (start + 11) * 512 + i, sum);
    }

    private static byte[] Bytes(FakeDevice device, ulong at, int count) => [.. Enumerable.Range(0, count).Select(i => device[at + (ulong)i])];

    private static void Put(FakeDevice device, ulong at, uint value)
    {
        for (int i = 0; i < 4; i++) device[at + (ulong)i] = (byte)(value >> 8 * i);
    }

    private static bool Same(FakeDevice a, FakeDevice b)
    {
        for (ulong sector = 0; sector < a.Sectors; sector++)
            if (!a.Peek(sector).SequenceEqual(b.Peek(sector))) return false;
        return true;
    }
}
