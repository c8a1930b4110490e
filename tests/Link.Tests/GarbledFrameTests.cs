using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Flash.Tests;
using Pocketvisor.Handsets;
using Xunit;

namespace Pocketvisor.Link.Tests;

/// <summary>
/// Whatever a cable makes of a frame, it is none: no other request is done, no other answer is shown. Each garbled frame is followed by the true one, which must be taken at once.
/// </summary>
public sealed class GarbledFrameTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(300, 1)]
    [InlineData(LinkProtocol.MaxText, 1)]
    [InlineData(LinkProtocol.MaxPayload, 61)] // not each, for time
    public void No_bit_may_be_wrong(int payloadLength, int step)
    {
        byte[] payload = new byte[payloadLength];
        new Random(payloadLength).NextBytes(payload);
        byte[] frame = Frame(LinkFrameType.Data, payload), last = Frame(LinkFrameType.List, []);
        LinkReceiver receiver = new();
        for (int bit = 0; bit < 8 * frame.Length; bit += step)
        {
            frame[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Equal([LinkFrameType.List], Read(receiver, frame, last));
            frame[bit / 8] ^= (byte)(1 << bit % 8);
        }

        Assert.Equal([LinkFrameType.Data, LinkFrameType.List], Read(receiver, frame, last));
    }

    /// <summary>Several bits at once: within 32 bits of each other any of them, elsewhere up to three, which is what the code promises.</summary>
    [Fact]
    public void No_burst_may_be_wrong() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        byte[] payload = new byte[random.Next(4) == 0 ? random.Next(LinkProtocol.MaxPayload + 1) : random.Next(100)];
        random.NextBytes(payload);
        byte[] frame = Frame(LinkFrameType.Data, payload), last = Frame(LinkFrameType.List, []);
        byte[] garbled = [.. frame];
        if (random.Next(2) == 0)
        {
            int at = random.Next(frame.Length - 3);
            for (int i = 0; i < 4; i++) garbled[at + i] ^= (byte)random.Next(256);
        }
        else
        {
            for (int i = random.Next(1, 4); i > 0; i--) garbled[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
        }

        return garbled.AsSpan().SequenceEqual(frame) || Read(new LinkReceiver(), garbled, last).SequenceEqual([LinkFrameType.List]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task The_keeper_does_what_was_asked_and_nothing_else()
    {
        await using FakeKeeper keeper = new(Tools.Mkfs(2 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        Dictionary<string, Func<Task>> requests = new()
        {
            ["start 1"] = () => link.StartProfileAsync(1),
            ["stop 1 False"] = () => link.StopProfileAsync(1, force: false),
            ["stop 0 True"] = () => link.StopProfileAsync(0, force: true),
            ["restart 0 False"] = () => link.RestartProfileAsync(0, force: false),
            ["shutdown False"] = () => link.ShutdownAsync(force: false),
        };
        foreach ((string call, Func<Task> request) in requests)
            for (int bit = 0, bits = 1; bit < bits; bit++)
            {
                keeper.Cable.OnWayToKeeper = frame => Both(frame, bit, out bits);
                await request();
                Assert.Equal([call], keeper.Calls);
                keeper.Calls.Clear();
            }
    }

    [Fact]
    public async Task The_keeper_removes_no_other_profile()
    {
        await using FakeKeeper keeper = new(Tools.Mkfs(2 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        using TestFolder folder = new();
        LinkStore store = new(link);
        foreach (string name in (string[])["work", "wosk"])
            await store.PushAsync(name, folder.Write(name, new(StringComparer.Ordinal) { ["profile.json"] = new byte[10] }), ["profile.json"]);
        for (int bit = 0, bits = 1; bit < bits; bit++)
        {
            keeper.Cable.OnWayToKeeper = frame => Both(frame, bit, out bits);
            await Assert.ThrowsAsync<HandsetException>(() => store.RemoveAsync("wo3k")); // there is none; one bit away is "wosk"
            keeper.Cable.OnWayToKeeper = frame => frame;
            Assert.Equal(["work", "wosk"], (await store.ListAsync()).Profiles.Select(profile => profile.Name));
        }
    }

    [Fact]
    public async Task The_PC_shows_the_keepers_answers_and_no_others()
    {
        await using FakeKeeper keeper = new(Tools.Mkfs(2 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync();
        ProfileStatus truth = Assert.Single((await link.ListAsync()).Profiles);
        OwnerTable owners = await link.OwnersAsync();
        for (int bit = 0, bits = 1; bit < bits; bit++)
        {
            keeper.Cable.OnWayToPc = frame => Both(frame, bit, out bits);
            Assert.Equal(truth, Assert.Single((await link.ListAsync()).Profiles));
        }

        for (int bit = 0, bits = 1; bit < bits; bit++)
        {
            keeper.Cable.OnWayToPc = frame => Both(frame, bit, out bits);
            Assert.Equal(owners, await link.OwnersAsync());
        }
    }

    /// <summary>The true frame lost as well: whoever asked is told, and what was asked next is answered.</summary>
    [Fact]
    public async Task A_request_without_an_answer_ends_with_a_sentence()
    {
        await using FakeKeeper keeper = new(Tools.Mkfs(2 << 20, "4K"));
        await using LinkClient link = await keeper.ConnectAsync(timeout: 0.2);
        foreach (int at in (int[])[4, 5, LinkProtocol.HeaderBytes + 3]) // lengths and a payload
        {
            keeper.Cable.OnWayToPc = frame =>
            {
                frame[at] ^= 0x10;
                return frame;
            };
            NoAnswerException told = await Assert.ThrowsAsync<NoAnswerException>(() => link.ListAsync());
            Assert.StartsWith("The keeper has not answered", told.Message);
            keeper.Cable.OnWayToPc = frame => frame;
            Assert.Equal("work", Assert.Single((await link.ListAsync()).Profiles).Name);
        }
    }

    // Garbled, then as it was.
    private static byte[] Both(byte[] frame, int bit, out int bits)
    {
        bits = 8 * frame.Length;
        byte[] garbled = [.. frame];
        garbled[bit / 8] ^= (byte)(1 << bit % 8);
        return [.. garbled, .. frame];
    }

    private static byte[] Frame(LinkFrameType type, byte[] payload)
    {
        byte[] frame = new byte[LinkProtocol.HeaderBytes + payload.Length];
        LinkFrame.Write(frame, type, 1, payload, 7);
        return frame;
    }

    private static List<LinkFrameType> Read(LinkReceiver receiver, params byte[][] frames)
    {
        List<LinkFrameType> read = [];
        foreach (byte[] frame in frames)
        {
            Assert.Equal(frame.Length, receiver.Feed(frame));
            while (receiver.TryRead(out LinkFrame found)) read.Add(found.Type);
        }

        Assert.False(receiver.HasPart);
        return read;
    }
}
