using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Xunit;
using static Pocketvisor.Flash.Tests.VolumeTests;

namespace Pocketvisor.Flash.Tests;

/// <summary>Profiles on the flash: pushed, replaced, removed, and each of it cut by a loss of power before every write.</summary>
public sealed class ProfileStoreTests
{
    private const int Block = ContentDigest.BlockBytes;

    private static readonly SortedDictionary<string, byte[]> Old = Profile(1), New = Profile(2);

    [Fact]
    public void WhatIsPushedIsThereAndNotBefore()
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "4K");
        ProfileStore store = new(Mount(device));
        ProfilePush push = new(store);
        Fill(push, "work", Old, replace: false);
        Assert.Equal(["work unfinished"], List(store));
        Assert.Equal(FlashStatus.NotFound, store.Find("work"u8, out _));
        Commit(store, push);
        Assert.Equal(["work"], List(store));
        Tools.Fsck(device);
        Assert.Equal(Old, Read(device, "work"));
        Assert.Equal(0, PlainReader.Read(device).Lost);

        Assert.Equal(FlashStatus.Exists, push.Begin("work"u8, replace: false));
        Fill(push, "work", New, replace: true);
        Assert.Equal(Old, Read(device, "work"));
        Commit(store, push);
        Assert.Equal(New, Read(device, "work"));
        Remove(store, "work");
        Assert.Empty(List(store));
        Tools.Fsck(device);
        Assert.Equal(0, PlainReader.Read(device).Lost);
    }

    [Fact]
    public void APushGoesOnWhereItWasLeft()
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "4K");
        ProfilePush push = new(new ProfileStore(Mount(device)));
        Ok(push.Begin("work"u8, replace: false));
        Ok(push.BeginFile("root.img"u8, 3 * Block + 100, anew: false));
        Ok(push.Append(new byte[Block]));
        Ok(push.Append(Bytes(7, Block)));
        push.Leave();
        Ok(Mount(device).Flush());

        ProfileStore store = new(Mount(device));
        push = new ProfilePush(store);
        Ok(push.Begin("work"u8, replace: false));
        Ok(push.BeginFile("root.img"u8, 3 * Block + 100, anew: false));
        Assert.Equal(0UL, push.At); // nothing was flushed
        Ok(push.Append(new byte[Block]));
        Ok(push.Append(Bytes(7, Block)));
        push.Leave();
        Ok(store.Volume.Flush());

        store = new ProfileStore(Mount(device));
        push = new ProfilePush(store);
        Ok(push.Begin("work"u8, replace: false));
        Ok(push.BeginFile("root.img"u8, 3 * Block + 100, anew: false));
        Assert.Equal(2UL * Block, push.At);
        byte[] there = new byte[Block];
        Ok(push.Read(Block, there));
        Assert.Equal(Bytes(7, Block), there);
        Assert.Equal(FlashStatus.OutOfRange, push.Read(Block + 1, there));
        Assert.Equal(FlashStatus.OutOfRange, push.AppendZeros(Block + 101));
        Ok(push.AppendZeros(Block + 100));
        push.EndFile();
        Ok(push.BeginFile("root.img"u8, 3 * Block + 100, anew: false));
        Assert.Equal(push.Length, push.At);
        push.EndFile();
        Ok(push.BeginFile("root.img"u8, 3 * Block + 100, anew: true));
        Assert.Equal(0UL, push.At);
        push.EndFile();
        Ok(push.BeginFile("root.img"u8, 10, anew: false));
        Assert.Equal((0UL, 10UL), (push.At, push.Length));
    }

    [Fact]
    public void WhatIsIncompleteIsNotCommitted()
    {
        ProfileStore store = new(Mount(Tools.Mkfs(4 << 20, "4K")));
        ProfilePush push = new(store);
        Assert.Equal(FlashStatus.WrongKind, push.Commit());
        Ok(push.Begin("work"u8, replace: false));
        Assert.Equal(FlashStatus.NotFound, push.Commit());
        Ok(push.BeginFile("profile.json"u8, 10, anew: false));
        Assert.Equal(FlashStatus.WrongKind, push.Commit());
        Ok(push.Append(new byte[9]));
        push.EndFile();
        Assert.Equal(FlashStatus.OutOfRange, push.Commit());
        Ok(push.BeginFile("profile.json"u8, 10, anew: false));
        Ok(push.Append(new byte[10]));
        push.EndFile();
        Ok(push.BeginFile("a"u8, 0, anew: false));
        push.EndFile();
        Commit(store, push);
        Assert.Equal(["work"], List(store));
    }

    [Fact]
    public void NamesAreChecked()
    {
        ProfileStore store = new(Mount(Tools.Mkfs(4 << 20, "4K")));
        ProfilePush push = new(store);
        foreach (string bad in (string[])["", "Work", "9", "a/b", "..", "work.part", "handset", new string('a', 32), "größe"])
        {
            byte[] name = Encoding.UTF8.GetBytes(bad);
            Assert.Equal(FlashStatus.BadName, push.Begin(name, replace: true));
            Assert.Equal(FlashStatus.BadName, store.Find(name, out _));
            Assert.Equal(FlashStatus.BadName, store.Remove(name, out _));
            Assert.Equal(FlashStatus.BadName, store.Abandon(name, out _));
        }

        Ok(push.Begin("work"u8, replace: false));
        foreach (string bad in (string[])["", ".", "..", "../x", "a/b", "-rf", ".hidden", "a b", new string('a', 101), "ä"])
        {
            Assert.Equal(FlashStatus.BadName, push.BeginFile(Encoding.UTF8.GetBytes(bad), 1, anew: false));
            Assert.Equal(FlashStatus.BadName, push.Drop(Encoding.UTF8.GetBytes(bad)));
        }

        Ok(store.Volume.CreateFile(store.Volume.Root, "file"u8, 1, out _));
        Assert.Equal(FlashStatus.WrongKind, store.Find("file"u8, out _));
        Ok(store.Volume.CreateFolder(push.Folder, "folder"u8, out _));
        Assert.Equal(FlashStatus.WrongKind, push.BeginFile("folder"u8, 1, anew: false));
    }

    [Fact]
    public void OnlyFoldersWithAManifestAreProfiles()
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "4K");
        ExFatVolume volume = Mount(device);
        foreach (string name in (string[])["dcim", "System Volume Information", "work", "play.part", "gone.gone"])
            Ok(volume.CreateFolder(volume.Root, Encoding.UTF8.GetBytes(name), out _));
        Ok(volume.Find(volume.Root, "work"u8, out FileNode work));
        Ok(volume.CreateFile(work, "profile.json"u8, 1, out _));
        ProfileStore store = new(volume);
        Assert.Equal(["play unfinished", "work"], List(store));
    }

    [Theory]
    [InlineData("work", 0)]
    [InlineData("abcdefghijkl", 0)] // its names take one and two entries
    [InlineData("abcdefghijkl", 10)] // and there is no room for more in their sector
    public void ACutReplacementLeavesTheOldOneOrTheNewOne(string name, int vendorEntries)
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "4K");
        Push(device, name, Old, vendorEntries);
        FakeDevice before = device.Clone();
        device.Recording = true;
        ProfileStore store = new(Mount(device));
        ProfilePush push = new(store);
        Fill(push, name, New, replace: true);
        Ok(push.Commit());
        int decided = device.Log.Count;
        Finish(store, name);
        device.Recording = false;
        Assert.Equal(New, Read(device, name));

        Check(before, device.Log, (cut, after) =>
        {
            SortedDictionary<string, byte[]> found = Read(after, name);
            Assert.Equal(Same(found, New) ? New : Old, found);
        }, fsck: vendorEntries == 0); // fsck.exfat 1.2 doesn't know vendors' entries
        Check(before, device.Log, (_, after) => Assert.Equal(New, Read(after, name)), from: decided, fsck: false);
    }

    [Theory]
    [InlineData("work", 0)]
    [InlineData("abcdefghijkl", 10)]
    public void ACutRemovalLeavesAllOrNothing(string name, int vendorEntries)
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "4K");
        Push(device, name, Old, vendorEntries);
        FakeDevice before = device.Clone();
        device.Recording = true;
        Remove(new ProfileStore(Mount(device)), name);
        device.Recording = false;

        Check(before, device.Log, (_, after) =>
        {
            SortedDictionary<string, byte[]> found = Read(after, name);
            if (found.Count != 0) Assert.Equal(Old, found);
        }, fsck: vendorEntries == 0);
    }

    [Fact]
    public void AfterACutThePushCanBeRepeated()
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "4K");
        FakeDevice before = device.Clone();
        device.Recording = true;
        Push(device, "work", New, 0);
        device.Recording = false;
        int count = 0;
        foreach (FakeDevice cut in Cuts.Of(before, device.Log))
        {
            if (count++ % 7 != 0) continue;
            ProfileStore store = new(Mount(cut));
            CleanUp(store);
            ProfilePush push = new(store);
            Fill(push, "work", New, replace: true);
            Commit(store, push);
            Assert.Equal(New, Read(cut, "work"));
        }
    }

    [Fact]
    public void AFolderInAFolderGoesToo()
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "4K");
        Push(device, "work", Old, 0);
        ProfileStore store = new(Mount(device));
        Ok(store.Find("work"u8, out FileNode folder));
        for (int i = 0; i < 5; i++)
        {
            Ok(store.Volume.CreateFile(folder, "file"u8, 1, out _));
            Ok(store.Volume.CreateFolder(folder, "down"u8, out FileNode down));
            folder = down;
        }

        Remove(store, "work");
        Assert.Empty(PlainReader.Read(device).Files);
        Assert.Equal(0, PlainReader.Read(device).Lost);
    }

    [Fact]
    public void WhenTheFlashFailsSoDoesThePush()
    {
        FakeDevice device = Tools.Mkfs(4 << 20, "4K");
        Push(device, "work", Old, 0);
        for (int failAfter = 0; failAfter < 60; failAfter++)
        {
            FakeDevice failing = device.Clone();
            ProfileStore store = new(Mount(failing));
            failing.FailAfter = failAfter;
            try
            {
                ProfilePush push = new(store);
                Fill(push, "work", New, replace: true);
                Commit(store, push);
            }
            catch (Xunit.Sdk.EqualException)
            {
                // A status was not Ok.
            }

            failing.FailAfter = int.MaxValue;
            CleanUp(new ProfileStore(Mount(failing)));
            SortedDictionary<string, byte[]> found = Read(failing, "work");
            Assert.Equal(Same(found, New) ? New : Old, found);
        }
    }

    /// <summary>Cuts before every write, cleans up twice, and looks.</summary>
    private static void Check(FakeDevice before, List<SectorWrite> log, Action<int, FakeDevice> look, int from = 0, bool fsck = true)
    {
        int count = 0;
        foreach (FakeDevice cut in Cuts.Of(before, log, from))
        {
            CleanUp(new ProfileStore(Mount(cut)));
            PlainReader.Read(cut);
            if (fsck && count % 50 == 0) Tools.Fsck(cut);
            look(count++, cut);

            cut.Recording = true;
            CleanUp(new ProfileStore(Mount(cut)));
            Assert.Empty(cut.Log);
        }
    }

    private static void CleanUp(ProfileStore store)
    {
        bool done = false;
        for (int steps = 0; !done; steps++)
        {
            Ok(store.CleanUp(out done));
            Assert.InRange(steps, 0, 100);
        }
    }

    private static void Push(FakeDevice device, string name, SortedDictionary<string, byte[]> files, int vendorEntries)
    {
        ProfileStore store = new(Mount(device));
        ProfilePush push = new(store);
        Fill(push, name, files, replace: false);
        Commit(store, push);
        EntrySetEditor set = vendorEntries == 0 ? null : EntrySetEditor.Find(device, 0x85);
        for (int i = 0; i < vendorEntries; i++) set.Append([0xE0, .. Enumerable.Range(1, 31).Select(x => (byte)x)]);
    }

    private static void Fill(ProfilePush push, string name, SortedDictionary<string, byte[]> files, bool replace)
    {
        Ok(push.Begin(Encoding.ASCII.GetBytes(name), replace));
        foreach ((string file, byte[] bytes) in files)
        {
            Ok(push.BeginFile(Encoding.ASCII.GetBytes(file), (ulong)bytes.Length, anew: true));
            while (push.At < push.Length)
            {
                byte[] block = bytes[(int)push.At..(int)Math.Min(push.Length, push.At + Block)];
                Ok(Zeros.Are(block) ? push.AppendZeros((ulong)block.Length) : push.Append(block));
            }

            push.EndFile();
        }
    }

    private static void Commit(ProfileStore store, ProfilePush push)
    {
        byte[] name = push.Name.ToArray();
        Ok(push.Commit());
        Finish(store, Encoding.ASCII.GetString(name));
    }

    private static void Finish(ProfileStore store, string name)
    {
        for (bool done = false; !done;) Ok(store.Finish(Encoding.ASCII.GetBytes(name), out done));
    }

    private static void Remove(ProfileStore store, string name)
    {
        for (bool done = false; !done;) Ok(store.Remove(Encoding.ASCII.GetBytes(name), out done));
    }

    private static List<string> List(ProfileStore store)
    {
        List<string> names = [];
        FolderCursor cursor = store.Begin();
        FlashStatus status;
        while ((status = store.Next(ref cursor, out _, out StoredKind kind)) == FlashStatus.Ok)
            if (kind != StoredKind.None) names.Add(Encoding.ASCII.GetString(store.FoundName) + (kind == StoredKind.Unfinished ? " unfinished" : ""));
        Assert.Equal(FlashStatus.NotFound, status);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    /// <summary>A profile's files, as a reader sees them that isn't ours.</summary>
    private static SortedDictionary<string, byte[]> Read(FakeDevice device, string name)
    {
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach ((string path, byte[] bytes) in PlainReader.Read(device).Files)
            if (path.StartsWith(name + "/", StringComparison.Ordinal) && !path.EndsWith('/')) files.Add(path[(name.Length + 1)..], bytes);
        return files;
    }

    private static bool Same(SortedDictionary<string, byte[]> a, SortedDictionary<string, byte[]> b) =>
        a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out byte[] other) && pair.Value.AsSpan().SequenceEqual(other));

    private static SortedDictionary<string, byte[]> Profile(int seed) => new(StringComparer.Ordinal)
    {
        ["profile.json"] = Bytes(seed, 300),
        ["kernel"] = Bytes(seed + 10, Block + 5000),
        ["root.img"] = [.. new byte[Block], .. Bytes(seed + 20, 700 * seed)],
        ["empty"] = [],
    };

    private static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
