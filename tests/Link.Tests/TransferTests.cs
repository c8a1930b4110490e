using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Pocketvisor.Flash.Tests;
using Pocketvisor.Handsets;
using Xunit;

namespace Pocketvisor.Link.Tests;

/// <summary>Pushing, pulling and removing, from the PC's folder to the flash and back, over a cable and straight on an image.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task What_is_pushed_is_pulled(int seed)
    {
        await using FakeKeeper keeper = new(Tools.Mkfs(16 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        await RoundTripAsync(new LinkStore(link), seed);
        Assert.Equal(["work", "work", "work"], keeper.Policy.Changes);
        Tools.Fsck(keeper.Device);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_same_straight_on_an_image(int seed)
    {
        string image = Path.Combine(_folder.Path, "flash.img");
        Tools.Mkfs(16 << 20, "4K").Save(image);
        await using (ImageStore store = ImageStore.Open(image))
        {
            await RoundTripAsync(store, seed);
            Assert.Throws<HandsetException>(() => ImageStore.Open(image)); // one at a time
        }

        Tools.Fsck(FakeDevice.Load(image));
    }

    [Fact]
    public async Task What_the_PC_puts_on_an_image_the_keeper_gives_back()
    {
        var files = TestFolder.Profile(9);
        string image = Path.Combine(_folder.Path, "flash.img");
        Tools.Mkfs(16 << 20, "4K").Save(image);
        await using (ImageStore store = ImageStore.Open(image)) await store.PushAsync("work", _folder.Write("source", files), [.. files.Keys]);
        await using FakeKeeper keeper = new(FakeDevice.Load(image));
        await using LinkClient link = await keeper.ConnectAsync();
        await new LinkStore(link).PullAsync("work", _folder.Path);
        Assert.Equal(files, _folder.Read("work"));
    }

    [Fact]
    public async Task Progress_ends_at_all_bytes()
    {
        var files = TestFolder.Profile(10);
        await using FakeKeeper keeper = new(Tools.Mkfs(16 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        List<TransferProgress> reports = [];
        Reports progress = new(reports);
        LinkStore store = new(link);
        await store.PushAsync("work", _folder.Write("source", files), [.. files.Keys], progress: progress);
        Check();
        await store.PullAsync("work", _folder.Path, progress);
        Check();

        void Check()
        {
            long all = files.Values.Sum(bytes => (long)bytes.Length);
            Assert.All(reports, report => Assert.Equal(all, report.TotalBytes));
            Assert.Equal(all, reports[^1].DoneBytes);
            Assert.Equal(reports.Select(report => report.DoneBytes).Order(), reports.Select(report => report.DoneBytes));
            reports.Clear();
        }
    }

    [Fact]
    public async Task A_running_profile_is_locked_with_advice()
    {
        var files = TestFolder.Profile(11);
        await using FakeKeeper keeper = new(Tools.Mkfs(16 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        LinkStore store = new(link);
        string source = _folder.Write("source", files);
        await store.PushAsync("work", source, [.. files.Keys]);
        keeper.Policy.Running.Add("work");
        Assert.True(Assert.Single((await store.ListAsync()).Profiles).IsRunning);
        foreach (Func<Task> attempt in (Func<Task>[])
            [() => store.PullAsync("work", _folder.Path), () => store.RemoveAsync("work"), () => store.PushAsync("work", source, [.. files.Keys], replace: true)])
            Assert.Contains("pocket stop work", (await Assert.ThrowsAsync<HandsetException>(attempt)).Message);
        Assert.Contains("--replace", (await Assert.ThrowsAsync<HandsetException>(() => store.PushAsync("work", source, [.. files.Keys]))).Message);

        keeper.Policy.Running.Clear();
        await store.PullAsync("work", _folder.Path);
        Assert.Equal(files, _folder.Read("work"));
    }

    [Fact]
    public async Task One_transfer_at_a_time_and_other_requests_beside_it()
    {
        var files = TestFolder.Profile(12, largest: 60);
        await using FakeKeeper keeper = new(Tools.Mkfs(64 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        string source = _folder.Write("source", files);
        await new LinkStore(link).PushAsync("first", source, [.. files.Keys]);

        TaskCompletionSource half = new();
        Task push = new LinkStore(link).PushAsync("work", source, [.. files.Keys], progress: new Reports(report =>
        {
            if (report.File != "root.img") return;
            half.TrySetResult();
            Thread.Sleep(20);
        }));
        await half.Task;
        LinkStore second = new(link);
        Assert.Contains("work is being copied", (await Assert.ThrowsAsync<HandsetException>(() => second.PullAsync("first", _folder.Path))).Message);
        Assert.Equal("work", Assert.Single((await link.ListAsync()).Profiles).Name);
        Assert.Equal(["first", "work"], (await second.ListAsync()).Profiles.Select(profile => profile.Name));
        await second.RemoveAsync("first");
        await push;
        await second.PullAsync("work", _folder.Path);
        Assert.Equal(files, _folder.Read("work"));
    }

    [Fact]
    public async Task What_does_not_fit_is_said_before_it_is_sent()
    {
        SortedDictionary<string, byte[]> files = new() { ["profile.json"] = new byte[10], ["root.img"] = new byte[8 << 20] };
        await using FakeKeeper keeper = new(Tools.Mkfs(4 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        HandsetException refused = await Assert.ThrowsAsync<HandsetException>(() => new LinkStore(link).PushAsync("work", _folder.Write("source", files), [.. files.Keys]));
        Assert.Contains("needs 8 MB", refused.Message);
    }

    [Fact]
    public async Task An_unfinished_push_is_listed_and_can_be_removed()
    {
        var files = TestFolder.Profile(13);
        await using FakeKeeper keeper = new(Tools.Mkfs(16 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        LinkStore store = new(link);
        using CancellationTokenSource cancel = new();
        Reports progress = new(report =>
        {
            if (report.File == "root.img") cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.PushAsync("work", _folder.Write("source", files), [.. files.Keys], progress: progress, cancellation: cancel.Token));
        Assert.True(Assert.Single((await store.ListAsync()).Profiles).IsUnfinished);
        await store.RemoveUnfinishedAsync("work");
        Assert.Empty((await store.ListAsync()).Profiles);
        Assert.Empty(keeper.Policy.Changes);
    }

    [Fact]
    public async Task The_PC_hears_that_profiles_changed()
    {
        await using FakeKeeper keeper = new(Tools.Mkfs(4 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        TaskCompletionSource heard = new();
        link.ProfilesChanged += heard.SetResult;
        keeper.Server.ProfilesChanged();
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private async Task RoundTripAsync(HandsetStore store, int seed)
    {
        var (files, others) = (TestFolder.Profile(seed), TestFolder.Profile(seed + 1000));
        others.Remove("initrd.gz");
        await store.PushAsync("work", _folder.Write("source", files), [.. files.Keys]);
        StoreContents contents = await store.ListAsync();
        Assert.Equal([new StoredProfile("work", files.Values.Sum(bytes => (long)bytes.Length), false, false)], contents.Profiles);
        Assert.InRange(contents.FreeBytes, 1, contents.TotalBytes - 1);
        Assert.Equal(
            files.Select(file => (file.Key, (long)file.Value.Length)),
            (await store.FilesAsync("work")).OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => (file.Name, file.Length)));
        await store.PullAsync("work", _folder.Path);
        Assert.Equal(files, _folder.Read("work"));
        await Assert.ThrowsAsync<HandsetException>(() => store.PullAsync("work", _folder.Path)); // it is there already

        Directory.Delete(Path.Combine(_folder.Path, "work"), recursive: true);
        await store.PushAsync("work", _folder.Write("others", others), [.. others.Keys], replace: true);
        await store.PullAsync("work", _folder.Path);
        Assert.Equal(others, _folder.Read("work"));
        await store.RemoveAsync("work");
        Assert.Empty((await store.ListAsync()).Profiles);
        await Assert.ThrowsAsync<HandsetException>(() => store.RemoveAsync("work"));
        Directory.Delete(Path.Combine(_folder.Path, "work"), recursive: true);
        await Assert.ThrowsAsync<HandsetException>(() => store.PullAsync("work", _folder.Path));
        Assert.False(Path.Exists(Path.Combine(_folder.Path, "work.part")));
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, at once.</summary>
    private sealed class Reports(Action<TransferProgress> report) : IProgress<TransferProgress>
    {
        public Reports(List<TransferProgress> reports) : this(reports.Add)
        {
        }

        public void Report(TransferProgress value) => report(value);
    }
}
