using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Handsets;
using Pocketvisor.Link;

namespace Pocketvisor.Cli.Tests;

/// <summary>The PC's end of the link, against a keeper that says what it likes.</summary>
public class LinkClientTests
{
    [Fact]
    public async Task Hello_carries_version_and_keys_and_brings_the_handset()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        keeper.Client.Start();
        var hello = keeper.Client.HelloAsync();
        var knock = await keeper.ReceiveAsync();
        Assert.Equal((LinkFrameType.Knock, LinkProtocol.Handset), (knock.Type, knock.Profile));
        Assert.Equal([4, 3, 2, 1], knock.Payload);

        keeper.KeeperKey = 0x8765_4321;
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.Welcome, LinkProtocol.Handset, knock.Id, (byte)LinkProtocol.Version, 0, 0, 0, 0x21, 0x43, 0x65, 0x87, 4, 3, 2, 1));
        var (type, profile, id, payload) = await keeper.ReceiveAsync();
        Assert.Equal((LinkFrameType.Hello, LinkProtocol.Handset), (type, profile));
        Assert.Equal([(byte)LinkProtocol.Version, 0, 0, 0, 4, 3, 2, 1], payload);
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.HelloReply, LinkProtocol.Handset, id, HelloReply(version: LinkProtocol.Version)));
        Assert.Equal(new HandsetInfo(LinkProtocol.Version, 4, 2, 2UL << 30, 1 << 20, 3 << 20), await hello);
    }

    [Fact]
    public async Task Another_version_is_refused_with_advice()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        keeper.Client.Start();
        var hello = keeper.Client.HelloAsync();
        var id = (await keeper.ReceiveAsync()).Id;
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.Welcome, LinkProtocol.Handset, id, 9, 0, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1));

        Assert.Contains("pocket build", (await Assert.ThrowsAsync<HandsetException>(() => hello)).Message);
    }

    [Fact]
    public async Task It_knocks_until_the_keeper_is_there()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        keeper.Client.Start();
        var hello = keeper.Client.HelloAsync();
        Assert.Equal(LinkFrameType.Knock, (await keeper.ReceiveAsync()).Type);
        var second = await keeper.ReceiveAsync();
        Assert.Equal(LinkFrameType.Knock, second.Type);
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.Welcome, LinkProtocol.Handset, second.Id, 9, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0)); // a profile's
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.Welcome, LinkProtocol.Handset, second.Id, (byte)LinkProtocol.Version, 0, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1));
        var id = (await keeper.ReceiveAsync()).Id;
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.HelloReply, LinkProtocol.Handset, id, HelloReply(version: LinkProtocol.Version)));
        Assert.Equal(LinkProtocol.Version, (await hello).ProtocolVersion);
    }

    /// <summary>A profile may print what looks like an answer or an event.</summary>
    [Fact]
    public async Task What_a_profile_says_is_no_frame()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        List<string> events = [];
        keeper.Client.Log += events.Add;
        keeper.Client.Start();
        var list = keeper.Client.ListAsync();
        var id = (await keeper.ReceiveAsync()).Id;
        var said = new byte[200];
        var length = LinkFrame.Write(said, LinkFrameType.Log, LinkProtocol.Handset, "a lie"u8, 0);
        LinkFrame.Write(said.AsSpan(length), LinkFrameType.Reply, LinkProtocol.Handset, [4, .. "a lie"u8], id);
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.Output, 1, 0, said)[(LinkProtocol.HeaderBytes - 1)..]); // the beginning was lost
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.ListReply, LinkProtocol.Handset, id, ListReply()));
        Assert.Single((await list).Profiles);
        Assert.Empty(events);
    }

    [Fact]
    public async Task A_list_is_read_field_by_field()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        keeper.Client.Start();
        var list = keeper.Client.ListAsync();
        var id = (await keeper.ReceiveAsync()).Id;
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.ListReply, LinkProtocol.Handset, id, ListReply()));

        var result = await list;
        Assert.Equal(TimeSpan.FromSeconds(5), result.Now);
        Assert.Equal(
            [new ProfileStatus(3, "work", LinkProfileState.Running, 2, 100, 384UL << 20, TimeSpan.FromSeconds(1.5), 4711, TimeSpan.FromSeconds(4))], result.Profiles);
    }

    [Fact]
    public async Task Events_come_in_order_although_cut_into_single_bytes_and_mixed_with_garbage()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        List<string> events = [];
        var done = new TaskCompletionSource();
        keeper.Client.Log += line => events.Add($"log {line}");
        keeper.Client.Output += (profile, bytes) => events.Add($"output {profile} {Encoding.UTF8.GetString(bytes.Span)}");
        keeper.Client.StateChanged += change =>
        {
            events.Add($"state {change.Profile} {change.State} {change.Reason}");
            done.TrySetResult();
        };
        keeper.Client.Start();

        byte[] bytes =
        [
            LinkProtocol.Magic, 1, 2, .. FakeKeeper.Frame(LinkFrameType.Log, LinkProtocol.Handset, 0, "hällo"u8),
            0xFF, .. FakeKeeper.Frame(LinkFrameType.Output, 1, 0, "PPP"u8),
            .. FakeKeeper.Frame(LinkFrameType.StateChanged, 1, 0, [4, .. "it fell"u8]),
        ];
        foreach (var one in bytes)
            await keeper.SendAsync([one]);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(["log hällo", "output 1 PPP", "state 1 Failed it fell"], events);
    }

    [Fact]
    public async Task A_refusal_becomes_the_keepers_sentence()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        keeper.Client.Start();
        var start = keeper.Client.StartProfileAsync(1);
        var (type, profile, id, _) = await keeper.ReceiveAsync();
        Assert.Equal((LinkFrameType.Start, (ushort)1), (type, profile));
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.Reply, 1, id, [(byte)LinkStatus.WrongState, .. "work runs already"u8]));

        Assert.Equal("work runs already", (await Assert.ThrowsAsync<HandsetException>(() => start)).Message);
    }

    [Fact]
    public async Task Answers_find_their_requests_in_any_order()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        keeper.Client.Start();
        var first = keeper.Client.StopProfileAsync(0, force: true);
        var (_, _, firstId, payload) = await keeper.ReceiveAsync();
        Assert.Equal([1], payload);
        var second = keeper.Client.OwnersAsync();
        var secondId = (await keeper.ReceiveAsync()).Id;

        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.OwnersReply, LinkProtocol.Handset, secondId, Owners()));
        Assert.Equal(new OwnerTable(1, 2, 3, 5, 4), await second);
        Assert.False(first.IsCompleted);
        await keeper.SendAsync(FakeKeeper.Frame(LinkFrameType.Reply, 0, firstId, [0]));
        await first;
    }

    [Fact]
    public async Task Long_input_is_cut_into_frames_and_nothing_is_lost()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 500).Select(i => $"{i},")));
        var typing = keeper.Client.InputAsync(1, text);

        List<byte> received = [];
        while (received.Count < text.Length)
        {
            var (type, profile, _, payload) = await keeper.ReceiveAsync();
            Assert.Equal((LinkFrameType.Input, (ushort)1), (type, profile));
            Assert.InRange(payload.Length, 1, LinkProtocol.MaxPayload);
            received.AddRange(payload);
        }

        await typing;
        Assert.Equal(text, received);
    }

    [Fact]
    public async Task A_terminals_size_is_told()
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        await keeper.Client.ResizeAsync(1, columns: 300, rows: 43);

        var (type, profile, _, payload) = await keeper.ReceiveAsync();
        Assert.Equal((LinkFrameType.Resize, (ushort)1), (type, profile));
        Assert.Equal([0x2C, 1, 43, 0], payload);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_link_ends_every_wait(bool before)
    {
        await using var keeper = await FakeKeeper.CreateAsync();
        keeper.Client.Start();
        var list = before ? null : keeper.Client.ListAsync();
        if (list is not null)
            await keeper.ReceiveAsync();
        keeper.HangUp();
        await keeper.Client.Closed;

        await Assert.ThrowsAsync<HandsetException>(() => list ?? keeper.Client.ListAsync());
    }

    private static byte[] HelloReply(uint version)
    {
        var bytes = new byte[LinkHelloReply.Bytes];
        _ = new LinkHelloReply(bytes) { Version = version, Cores = 4, Profiles = 2, Memory = 2UL << 30, HypervisorBytes = 1 << 20, KeeperBytes = 3 << 20 };
        return bytes;
    }

    private static byte[] Owners()
    {
        var bytes = new byte[LinkOwnersReply.Bytes];
        _ = new LinkOwnersReply(bytes) { KeeperPages = 1, LentPages = 2, HypervisorPages = 3, Digest = 4, FreePages = 5 };
        return bytes;
    }

    private static byte[] ListReply()
    {
        var bytes = new byte[LinkProfileRecord.First + LinkProfileRecord.Bytes];
        LittleEndian.WriteU64(bytes, 0, 5_000_000_000);
        _ = new LinkProfileRecord(bytes.AsSpan(LinkProfileRecord.First))
        {
            Index = 3,
            State = LinkProfileState.Running,
            Cores = 2,
            Weight = 100,
            Memory = 384UL << 20,
            CpuTime = 1_500_000_000,
            Exits = 4711,
            Uptime = 4_000_000_000,
            Name = "work"u8,
        };
        return bytes;
    }
}
