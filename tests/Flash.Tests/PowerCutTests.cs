using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Xunit;

namespace Pocketvisor.Flash.Tests;

/// <summary>
/// The power is cut at every sector write of an operation, and of what was not flushed any part may be missing. What is left must be the
/// state before or after, for both <see cref="PlainReader"/> and fsck.exfat.
/// </summary>
public sealed class PowerCutTests
{
    private const int Subsets = 6;

    [Theory]
    [InlineData("512", 1)]
    [InlineData("512", 2)]
    [InlineData("512", 3)]
    [InlineData("512", 4)]
    [InlineData("4K", 5)]
    [InlineData("4K", 6)]
    public void ACutLeavesTheOldStateOrTheNewOne(string cluster, int seed)
    {
        Random random = new(seed);
        FakeDevice device = Tools.Mkfs(2 << 20, cluster);
        ExFatVolume volume = VolumeTests.Mount(device);
        Soil(volume);
        SortedDictionary<string, byte[]> model = new(StringComparer.Ordinal);
        int cuts = 0;
        for (int i = 0; i < 120; i++)
        {
            Step step = new((StepKind)random.Next(9), (byte)random.Next(256), (ushort)random.Next(65536));
            if (step.Kind is StepKind.Write && random.Next(2) == 0) step = step with { Kind = StepKind.SetLength };
            VolumeTests.Ok(volume.Flush());
            FakeDevice before = device.Clone();
            device.Log.Clear();
            device.Recording = true;
            (FlashStatus status, SortedDictionary<string, byte[]> after) = step.Apply(ref volume, device, model);
            VolumeTests.Ok(volume.Flush());
            device.Recording = false;
            if (status != FlashStatus.Ok) after = model;

            List<string> allowed = [PlainReader.Summarise(model), PlainReader.Summarise(after)];
            bool folder = step.Kind == StepKind.Rename && model.Keys.Except(after.Keys).Any(x => x.EndsWith('/'));
            if (step.Kind is StepKind.Rename or StepKind.Move)
            {
                SortedDictionary<string, byte[]> both = new(model, StringComparer.Ordinal);
                foreach ((string path, byte[] content) in after) both[path] = content;
                allowed.Add(PlainReader.Summarise(both));
            }
            foreach (FakeDevice image in Cuts(before, device.Log, random))
            {
                if (step.Kind == StepKind.Write) CheckWrite(image, model, after);
                else Check(image, allowed, folder, fsck: cuts++ % 97 == 0, step);
            }
            model = after;
        }
        Assert.Equal(PlainReader.Summarise(model), PlainReader.Read(device).Summary);
        Assert.True(cuts > 1000);
    }

    /// <summary>Nothing waits for a flush here: changes follow each other, and of all that is not flushed any part may be missing.</summary>
    [Theory]
    [InlineData("512", 7)]
    [InlineData("4K", 8)]
    public void ACutAmongManyChangesLeavesASoundVolume(string cluster, int seed)
    {
        Random random = new(seed);
        FakeDevice device = Tools.Mkfs(2 << 20, cluster);
        ExFatVolume volume = VolumeTests.Mount(device);
        Soil(volume);
        SortedDictionary<string, byte[]> model = new(StringComparer.Ordinal);
        VolumeTests.Ok(volume.CreateFolder(volume.Root, "bystander"u8, out _));
        model["bystander/"] = [];
        int cuts = 0;
        for (int batch = 0; batch < 25; batch++)
        {
            VolumeTests.Ok(volume.Flush());
            FakeDevice before = device.Clone();
            SortedDictionary<string, byte[]> flushed = new(model, StringComparer.Ordinal);
            HashSet<string> same = [.. model.Keys];
            device.Log.Clear();
            device.Recording = true;
            for (int i = 0; i < 12; i++)
            {
                Step step = new((StepKind)random.Next(9), (byte)random.Next(256), (ushort)random.Next(65536));
                if (step.Kind is StepKind.Rename or StepKind.Remount) continue; // of folders, the known gap; a flush
                (FlashStatus status, SortedDictionary<string, byte[]> after) = step.Apply(ref volume, device, model);
                if (status == FlashStatus.Ok) model = after;
                same.RemoveWhere(x => !model.TryGetValue(x, out byte[] content) || !content.AsSpan().SequenceEqual(flushed[x]));
            }
            device.Recording = false;
            foreach (FakeDevice image in Cuts(before, device.Log, random))
            {
                PlainReader reader = PlainReader.Read(image);
                foreach (string path in same) Assert.Equal(flushed[path], reader.Files[path]);
                if (cuts++ % 97 == 0) Tools.Fsck(image);
            }
        }
        Assert.True(cuts > 1000);
    }

    /// <summary>What a push and a removal do to a profile's folder: also where the longer name takes one entry more, and neighbours are close.</summary>
    [Theory]
    [InlineData("w", ".part", "")]
    [InlineData("work", "", ".gone")]
    [InlineData("fourteen-bytes", "", ".gone")]
    [InlineData("fifteen--bytes-", ".part", "")]
    [InlineData("thirty-one-bytes-are-the-most--", "", ".gone")]
    public void FoldersAreRenamedInOneWrite(string name, string before, string after)
    {
        FakeDevice device = Tools.Mkfs(2 << 20, "4K");
        ExFatVolume volume = VolumeTests.Mount(device);
        for (int i = 0; i < 12; i++) VolumeTests.Ok(volume.CreateFolder(volume.Root, Encoding.UTF8.GetBytes($"{(char)('a' + i)}{name[1..]}{before}"), out _));
        for (int i = 0; i < 12; i++)
        {
            VolumeTests.Ok(volume.Find(volume.Root, Encoding.UTF8.GetBytes($"{(char)('a' + i)}{name[1..]}{before}"), out FileNode folder));
            device.Log.Clear();
            device.Recording = true;
            VolumeTests.Ok(volume.Rename(ref folder, volume.Root, Encoding.UTF8.GetBytes($"{(char)('a' + i)}{name[1..]}{after}")));
            device.Recording = false;
            Assert.Single(device.Log, x => x is not null && x.Sector != 0);
        }
        VolumeTests.Ok(volume.Flush());
        Tools.Fsck(device);
        Assert.Equal(12, PlainReader.Read(device).Files.Keys.Count(x => x.EndsWith(after + "/", StringComparison.Ordinal)));
    }

    /// <summary>Linux put the folder's entries across two sectors. Between two writes it has two names; the next mount takes one away.</summary>
    [Theory]
    [InlineData(14)]
    [InlineData(15)]
    public void AFolderWithTwoNamesIsMended(int entry)
    {
        FakeDevice device = Tools.Mkfs(2 << 20, "4K");
        ExFatVolume volume = VolumeTests.Mount(device);
        VolumeTests.Ok(volume.CreateFolder(volume.Root, "work"u8, out FileNode folder));
        VolumeTests.Ok(volume.CreateFile(folder, "root.img"u8, 10_000, out _));
        VolumeTests.Ok(volume.Flush());
        EntrySetEditor set = EntrySetEditor.Find(device, 0x85);
        ulong sector = set.Address / 512 * 512;
        for (ulong at = set.Address; at < sector + (ulong)entry * 32; at += 32) device[at] = 5;
        EntrySetEditor.At(device, sector + (ulong)entry * 32, set.Bytes).Store();

        volume = VolumeTests.Mount(device);
        FakeDevice before = device.Clone();
        VolumeTests.Ok(volume.Find(volume.Root, "work"u8, out folder));
        device.Recording = true;
        VolumeTests.Ok(volume.Rename(ref folder, volume.Root, "work.gone"u8));
        VolumeTests.Ok(volume.Flush());
        int doubled = 0;
        foreach (FakeDevice image in Cuts(before, device.Log, new Random(entry)))
        {
            ExFatVolume mounted = VolumeTests.Mount(image.Clone());
            FakeDevice mended = image.Clone();
            VolumeTests.Ok(new ExFatVolume(mended).Mount());
            string name = Assert.Single(VolumeTests.List(mounted, mounted.Root));
            Assert.Contains(name, (string[])["work", "work.gone"]);
            if (!mended.Peek(sector / 512).SequenceEqual(image.Peek(sector / 512)) || !mended.Peek(sector / 512 + 1).SequenceEqual(image.Peek(sector / 512 + 1))) doubled++;
        }
        Assert.True(doubled > 0);
    }

    private static void Check(FakeDevice image, List<string> allowed, bool mayHaveTwoNames, bool fsck, Step step)
    {
        PlainReader reader;
        try
        {
            reader = PlainReader.Read(image);
        }
        catch (InvalidOperationException e) when (mayHaveTwoNames && e.Message.EndsWith("has two owners", StringComparison.Ordinal))
        {
            return; // a folder whose longer name does not fit into the sector; see AFolderWithTwoNamesIsMended
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{step}: {e.Message}");
        }
        Assert.True(allowed.Contains(reader.Summary), $"{step}:\n{reader.Summary}\n\nis neither\n\n{string.Join("\n\nnor\n\n", allowed)}");
        if (fsck) Tools.Fsck(image);
        VolumeTests.Mount(image);
    }

    /// <summary>Leaves something in all free clusters that must not be seen again. It looks like a directory entry.</summary>
    private static void Soil(ExFatVolume volume)
    {
        VolumeTests.Ok(volume.CreateFile(volume.Root, "soil"u8, volume.FreeBytes, out FileNode file));
        byte[] bytes = new byte[file.Length];
        bytes.AsSpan().Fill(0x85);
        VolumeTests.Ok(volume.Write(ref file, 0, bytes));
        VolumeTests.Ok(volume.Delete(file));
        VolumeTests.Ok(volume.Flush());
    }

    /// <summary>Data that is written over in place may be torn between sectors, as in any file system. It is never anything else.</summary>
    private static void CheckWrite(FakeDevice image, SortedDictionary<string, byte[]> before, SortedDictionary<string, byte[]> after)
    {
        PlainReader reader = PlainReader.Read(image);
        Assert.Equal(after.Keys, reader.Files.Keys);
        foreach ((string path, byte[] content) in reader.Files)
        {
            Assert.Equal(after[path].Length, content.Length);
            for (int i = 0; i < content.Length; i++) Assert.True(content[i] == before[path][i] || content[i] == after[path][i]);
        }
    }

    /// <summary>What can be on the flash when the power goes after each write.</summary>
    private static IEnumerable<FakeDevice> Cuts(FakeDevice before, List<SectorWrite> log, Random random)
    {
        FakeDevice flushed = before.Clone();
        List<SectorWrite> pending = [];
        foreach (SectorWrite write in log.Append(null))
        {
            if (write is null)
            {
                for (int i = 0; i < (pending.Count < 2 ? 0 : Subsets); i++)
                {
                    FakeDevice image = flushed.Clone();
                    foreach (SectorWrite lucky in pending.Where(_ => random.Next(2) == 0)) image.Put(lucky.Sector, lucky.Bytes);
                    yield return image;
                }
                foreach (SectorWrite kept in pending) flushed.Put(kept.Sector, kept.Bytes);
                pending.Clear();
                yield return flushed;
                continue;
            }
            pending.Add(write);
            // All of them in order, and this one alone.
            FakeDevice ordered = flushed.Clone();
            foreach (SectorWrite kept in pending) ordered.Put(kept.Sector, kept.Bytes);
            yield return ordered;
            FakeDevice alone = flushed.Clone();
            alone.Put(write.Sector, write.Bytes);
            yield return alone;
        }
    }
}
