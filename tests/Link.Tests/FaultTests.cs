using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Pocketvisor.Flash;
using Pocketvisor.Flash.Tests;
using Pocketvisor.Handsets;
using Xunit;

namespace Pocketvisor.Link.Tests;

/// <summary>Transfers over a cable that loses and garbles, and a PC that vanishes: what arrives is right or refused, and a second attempt succeeds.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly SortedDictionary<string, byte[]> _files = TestFolder.Profile(21, largest: 4);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Any_one_frame_may_be_lost(bool pull, bool toPc)
    {
        int failed = 0;
        for (int lost = 0; ; lost++)
        {
            await using FakeKeeper keeper = new(Tools.Mkfs(4 << 20, "4K"));
            await using LinkClient link = await keeper.ConnectAsync();
            LinkStore store = new(link);
            string source = _folder.Write("source", _files);
            if (pull) await PushAsync(store, source);
            link.AnswerTimeout = TimeSpan.FromSeconds(0.2);

            int count = 0;
            byte[] Lose(byte[] frame) => count++ == lost ? null : frame;
            if (toPc) keeper.Cable.OnWayToPc = Lose;
            else keeper.Cable.OnWayToKeeper = Lose;
            try
            {
                await TransferAsync(store, source, pull);
            }
            catch (HandsetException)
            {
                failed++;
                Assert.False(pull ? Path.Exists(Path.Combine(_folder.Path, "work")) : keeper.Policy.Changes.Count > 1);
            }

            bool all = count <= lost;
            link.AnswerTimeout = TimeSpan.FromSeconds(20);
            keeper.Cable.OnWayToPc = keeper.Cable.OnWayToKeeper = frame => frame;
            await FinishAsync(keeper, store, source, pull);
            if (all) break;
        }

        Assert.InRange(failed, 10, 1000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_garbled_is_refused(bool pull)
    {
        int refused = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            await using FakeKeeper keeper = new(Tools.Mkfs(4 << 20, "4K"));
            await using LinkClient link = await keeper.ConnectAsync();
            LinkStore store = new(link);
            string source = _folder.Write("source", _files);
            if (pull) await PushAsync(store, source);
            link.AnswerTimeout = TimeSpan.FromSeconds(0.2);

            Random random = new(seed);
            int count = 0, garbled = random.Next(30);
            byte[] Garble(byte[] frame)
            {
                if (count++ == garbled) frame[random.Next(frame.Length)] ^= (byte)random.Next(1, 256);
                return frame;
            }

            if (pull) keeper.Cable.OnWayToPc = Garble;
            else keeper.Cable.OnWayToKeeper = Garble;
            try
            {
                await TransferAsync(store, source, pull);
            }
            catch (HandsetException)
            {
                refused++;
            }

            // Over the same cable: nobody waits for the rest of a frame whose length was garbled.
            link.AnswerTimeout = TimeSpan.FromSeconds(20);
            keeper.Cable.OnWayToPc = keeper.Cable.OnWayToKeeper = frame => frame;
            if (Path.Exists(Path.Combine(_folder.Path, "work"))) Assert.Equal(_files, _folder.Read("work"));
            await FinishAsync(keeper, store, source, pull);
        }

        Assert.InRange(refused, 20, 60);
    }

    [Fact]
    public async Task A_vanished_PCs_push_is_continued()
    {
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal) { ["profile.json"] = new byte[100], ["root.img"] = new byte[2 << 20] };
        new Random(5).NextBytes(files["root.img"]);
        string source = _folder.Write("source", files);
        await using FakeKeeper keeper = new(Tools.Mkfs(16 << 20, "4K"));
        LinkClient link = await keeper.ConnectAsync(timeout: 2);
        int data = 0;
        keeper.Cable.OnWayToKeeper = frame => (LinkFrameType)frame[1] == LinkFrameType.PushData && ++data > 40 ? null : frame;
        await Assert.ThrowsAsync<NoAnswerException>(() => new LinkStore(link).PushAsync("work", source, [.. files.Keys]));

        await using LinkClient next = await keeper.ConnectAsync(keeper.Cable.NewPc());
        int sent = 0;
        keeper.Cable.OnWayToKeeper = frame =>
        {
            if ((LinkFrameType)frame[1] == LinkFrameType.PushData) sent++;
            return frame;
        };
        await new LinkStore(next).PushAsync("work", source, [.. files.Keys]);
        Assert.InRange(sent, 20, 26); // of 64 blocks
        await new LinkStore(next).PullAsync("work", _folder.Path);
        Assert.Equal(files, _folder.Read("work"));
        await link.DisposeAsync();
    }

    [Fact]
    public async Task A_push_is_not_continued_behind_what_is_wrong_or_old()
    {
        string source = _folder.Write("source", _files);
        await using FakeKeeper keeper = new(Tools.Mkfs(4 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        LinkStore store = new(link);
        keeper.Cable.OnWayToKeeper = frame => (LinkFrameType)frame[1] == LinkFrameType.PushCommit ? null : frame;
        link.AnswerTimeout = TimeSpan.FromSeconds(1);
        await Assert.ThrowsAsync<NoAnswerException>(() => PushAsync(store, source));

        // The same lengths, other bytes; and a file that is not in the profile any more.
        var files = _files.ToDictionary(file => file.Key, file => file.Value.Select(b => (byte)~b).ToArray());
        files.Remove("initrd.gz");
        SortedDictionary<string, byte[]> changed = new(files, StringComparer.Ordinal);
        string other = _folder.Write("other", changed);
        keeper.Cable.OnWayToKeeper = frame => frame;
        await using LinkClient next = await keeper.ConnectAsync(keeper.Cable.NewPc());
        store = new LinkStore(next);
        Assert.True(Assert.Single((await store.ListAsync()).Profiles).IsUnfinished);
        await store.PushAsync("work", other, [.. changed.Keys]);
        await store.PullAsync("work", _folder.Path);
        Assert.Equal(changed, _folder.Read("work"));
    }

    [Fact]
    public async Task An_interrupted_pull_is_continued_and_what_is_wrong_in_it_is_not_kept()
    {
        string source = _folder.Write("source", _files);
        await using FakeKeeper keeper = new(Tools.Mkfs(4 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync(timeout: 2);
        LinkStore store = new(link);
        await PushAsync(store, source);
        foreach (bool damage in (bool[])[false, true])
        {
            int data = 0;
            keeper.Cable.OnWayToPc = frame => (LinkFrameType)frame[1] == LinkFrameType.Data && ++data > 3 ? null : frame;
            await Assert.ThrowsAsync<HandsetException>(() => store.PullAsync("work", _folder.Path));
            string part = Path.Combine(_folder.Path, "work.part");
            File.WriteAllText(Path.Combine(part, "left-over"), "of something else");
            if (damage)
                foreach (string file in Directory.GetFiles(part).Where(file => new FileInfo(file).Length > 0))
                {
                    using FileStream stream = File.OpenWrite(file);
                    stream.Write("damaged"u8);
                }

            keeper.Cable.OnWayToPc = frame => frame;
            await store.PullAsync("work", _folder.Path);
            Assert.Equal(_files, _folder.Read("work"));
            Directory.Delete(Path.Combine(_folder.Path, "work"), recursive: true);
        }
    }

    private async Task TransferAsync(LinkStore store, string source, bool pull)
    {
        if (pull) await store.PullAsync("work", _folder.Path);
        else await PushAsync(store, source);
    }

    private Task PushAsync(LinkStore store, string source) => store.PushAsync("work", source, [.. _files.Keys]);

    /// <summary>On a sound cable, from wherever the attempt has come to.</summary>
    private async Task FinishAsync(FakeKeeper keeper, LinkStore store, string source, bool pull)
    {
        bool there = (await store.ListAsync()).Profiles.Any(profile => !profile.IsUnfinished);
        if (!pull && !there) await PushAsync(store, source);
        if (!pull || !Path.Exists(Path.Combine(_folder.Path, "work")))
            await store.PullAsync("work", _folder.Path);
        Assert.Equal(_files, _folder.Read("work"));
        Directory.Delete(Path.Combine(_folder.Path, "work"), recursive: true);
        lock (keeper.Store) Assert.Equal(FlashStatus.Ok, keeper.Store.Volume.Flush());
        Tools.Fsck(keeper.Device);
    }
}
