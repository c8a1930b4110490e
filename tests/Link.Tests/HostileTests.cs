using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Pocketvisor.Flash;
using Pocketvisor.Flash.Tests;
using Pocketvisor.Handsets;
using Pocketvisor.Keeper.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Profiles;
using Xunit;

namespace Pocketvisor.Link.Tests;

/// <summary>Each end against another one that lies.</summary>
public sealed class HostileTests : IDisposable
{
    private const LinkFrameType Data = LinkFrameType.Data, Zeros = LinkFrameType.Zeros, End = LinkFrameType.FileEnd;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_keeper_says_truly_is_taken()
    {
        await using LyingKeeper keeper = new();
        byte[] ten = "0123456789"u8.ToArray();
        keeper.Contents = [(Data, LyingKeeper.At(0, ten)), (End, LyingKeeper.Digest("profile.json", ten))];
        await new LinkStore(keeper.Link).PullAsync("work", _folder.Path);
        Assert.Equal(ten, File.ReadAllBytes(Path.Combine(_folder.Path, "work", "profile.json")));
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("..")]
    [InlineData("/tmp/evil")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("nul\0")]
    [InlineData("PROFILE.JSON")]
    [InlineData(".bashrc")]
    [InlineData("\u001b[2J")]
    public async Task A_file_name_that_leads_elsewhere_is_refused(string name)
    {
        await using LyingKeeper keeper = new();
        keeper.Files.Add((name, 10));
        HandsetException refused = await RefusedAsync(keeper);
        Assert.DoesNotContain('\u001b', refused.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path)); // not even begun
    }

    [Theory]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF)]
    [InlineData(0x8000_0000_0000_0000)]
    public async Task A_length_that_is_none_is_refused(ulong length)
    {
        await using LyingKeeper keeper = new();
        keeper.Files.Add(("big", length));
        await RefusedAsync(keeper);
    }

    /// <summary>Each could be one; all together are more than a number holds.</summary>
    [Fact]
    public async Task Lengths_that_have_no_sum_are_refused()
    {
        await using LyingKeeper keeper = new();
        keeper.Files.Add(("big", long.MaxValue));
        keeper.Files.Add(("bigger", long.MaxValue));
        await RefusedAsync(keeper);
    }

    /// <summary>What the PC's disk does not take is said as that, too.</summary>
    [Fact]
    public async Task More_zeros_than_a_file_can_have_are_refused()
    {
        await using LyingKeeper keeper = new();
        keeper.Files.Add(("big", 1UL << 52));
        byte[] ten = "0123456789"u8.ToArray();
        keeper.Contents = [(Data, LyingKeeper.At(0, ten)), (End, LyingKeeper.Digest("profile.json", ten))];
        keeper.ContentsOf["big"] = [(Zeros, LyingKeeper.At(0, BitConverter.GetBytes(1UL << 52)))];
        await RefusedAsync(keeper);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transfer_over_a_lost_link_says_so(bool pull)
    {
        LyingKeeper keeper = new();
        await keeper.DisposeAsync();
        string folder = _folder.Write("mine", TestFolder.Profile(1));
        LinkStore store = new(keeper.Link);
        HandsetException lost = await Assert.ThrowsAsync<HandsetException>(() => pull ? store.PullAsync("work", _folder.Path) : store.PushAsync("mine", folder, ["profile.json"]));
        Assert.StartsWith("The link to the handset is down", lost.Message);
    }

    public static TheoryData<string> Lies => [.. Scripts.Keys];

    private static Dictionary<string, List<(LinkFrameType, byte[])>> Scripts { get; } = new()
    {
        ["more than announced"] = [(Data, LyingKeeper.At(0, new byte[11]))],
        ["more zeros than announced"] = [(Zeros, LyingKeeper.At(0, [.. BitConverter.GetBytes(1UL << 40)]))],
        ["zeros below zero"] = [(Zeros, LyingKeeper.At(0, [.. BitConverter.GetBytes(-10L)]))],
        ["no zeros"] = [(Zeros, LyingKeeper.At(0, new byte[8]))],
        ["elsewhere"] = [(Data, LyingKeeper.At(1, new byte[9]))],
        ["before the beginning"] = [(Data, LyingKeeper.At(ulong.MaxValue, new byte[10]))],
        ["twice"] = [(Data, LyingKeeper.At(0, new byte[10])), (Data, LyingKeeper.At(0, new byte[10]))],
        ["half a block"] = [(Data, LyingKeeper.At(0, new byte[5]))],
        ["less than announced"] = [(End, new byte[32])],
        ["another digest"] = [(Data, LyingKeeper.At(0, new byte[10])), (End, new byte[32])],
        ["a short digest"] = [(Data, LyingKeeper.At(0, new byte[10])), (End, new byte[31])],
        ["an empty piece"] = [(Data, LyingKeeper.At(0))],
        ["something else"] = [(LinkFrameType.Received, new byte[8])],
        ["more than it may"] = [.. Enumerable.Repeat((LinkFrameType.StoreEntry, new byte[100]), 1000)],
        ["a sentence"] = [(LinkFrameType.Reply, [4, .. "the flash failed"u8])],
        ["nothing"] = [],
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_keeper_that_lies_about_a_file_is_refused(string lie)
    {
        await using LyingKeeper keeper = new();
        keeper.Contents = Scripts[lie];
        await RefusedAsync(keeper);
        Assert.All(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories), file => Assert.InRange(new FileInfo(file).Length, 0, 10));
    }

    /// <summary>Frames of every kind in any order, right ones among them: the keeper lives, and the volume stays whole.</summary>
    [Fact]
    public void A_PC_that_sends_anything_harms_nothing()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            Random random = new(seed);
            FakeDevice device = Tools.Mkfs(2 << 20, "4K");
            ProfileStore store = FakeKeeper.Mount(device);
            using Sha256Digest sha = new();
            FileService files = new(store, sha, new FakeKeeper.Policies { Running = { "wallet" } });
            LinkAnswers answers = new();
            for (int i = 0; i < 3000; i++)
            {
                files.Take(new LinkFrame(AnyFrame(random)), answers);
                for (int steps = random.Next(3); files.IsBusy && steps > 0; steps--) files.Step(answers);
                if (!files.NextFrame(answers).IsEmpty && random.Next(2) == 0) files.FrameSent();
                if (random.Next(500) == 0) files.Forget();
                answers.Clear();
            }

            files.Forget();
            while (files.IsBusy) files.Step(answers);
            Assert.Equal(FlashStatus.Ok, store.Volume.Flush());
            Tools.Fsck(device);
            FolderCursor cursor = store.Begin();
            while (store.Volume.Next(ref cursor, out _) == FlashStatus.Ok)
                Assert.Matches("^(work|wallet|play)([.](part|new|gone))?$", Encoding.UTF8.GetString(store.Volume.LastName));
        }
    }

    private async Task<HandsetException> RefusedAsync(LyingKeeper keeper)
    {
        HandsetException refused = await Assert.ThrowsAnyAsync<HandsetException>(() => new LinkStore(keeper.Link).PullAsync("work", _folder.Path));
        Assert.False(Path.Exists(Path.Combine(_folder.Path, "work")));
        return refused;
    }

    private static byte[] AnyFrame(Random random)
    {
        LinkFrameType type = (LinkFrameType)random.Next(0x10, 0x24);
        string name = random.Next(12) switch { 0 => "wallet", 1 => "../up", 2 => "", 3 => "play", _ => "work" };
        string file = random.Next(8) switch { 0 => "Image", 1 => "root.img", 2 => "a/b", 3 => "", _ => "profile.json" };
        ulong number = random.Next(10) switch { 0 => (ulong)random.NextInt64(), 1 => ulong.MaxValue, 2 => 100, 3 => LinkProtocol.FileBlockBytes, 4 => LinkProtocol.FileBlockBytes + 100, _ => 0 };
        byte[] payload = type switch
        {
            _ when random.Next(30) == 0 => new byte[random.Next(200)],
            LinkFrameType.Store or LinkFrameType.PushCommit => [],
            LinkFrameType.Files or LinkFrameType.Remove => [(byte)random.Next(4), .. Encoding.UTF8.GetBytes(name)],
            LinkFrameType.PushBegin => [(byte)random.Next(2), .. Encoding.UTF8.GetBytes(name)],
            LinkFrameType.PushDrop or LinkFrameType.PullFile => Encoding.UTF8.GetBytes(file),
            LinkFrameType.PushFile => [.. BitConverter.GetBytes(number), (byte)random.Next(2), .. Encoding.UTF8.GetBytes(file)],
            LinkFrameType.PushData => [.. BitConverter.GetBytes(number), .. new byte[random.Next(3) == 0 ? LinkProtocol.FileBlockBytes : 100]],
            LinkFrameType.PushZeros => [.. BitConverter.GetBytes(number), .. BitConverter.GetBytes(random.Next(3) == 0 ? LinkProtocol.FileBlockBytes : 100)],
            LinkFrameType.PushFileEnd => new byte[32],
            LinkFrameType.PullBegin => Encoding.UTF8.GetBytes(name),
            LinkFrameType.Prefix => BitConverter.GetBytes(number),
            LinkFrameType.Leave => random.Next(10) == 0 ? [1, 0] : [0, 0],
            _ => [],
        };
        if (random.Next(4) == 0)
        {
            type = LinkFrameType.Credit;
            payload = [8, 0, 0, 0];
        }

        byte[] frame = new byte[LinkProtocol.HeaderBytes + payload.Length];
        LinkFrame.Write(frame, type, LinkProtocol.Handset, payload, 1); // one id, so that all of it is meant
        return frame;
    }
}
