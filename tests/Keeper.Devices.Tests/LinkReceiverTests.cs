using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Link;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class LinkReceiverTests
{
    [Fact]
    public void FramesComeBackAsTheyWereWritten() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        List<string> sent = [];
        List<byte> stream = [];
        for (int i = 0; i < 20; i++) sent.Add(Frame(random, stream));
        return sent.SequenceEqual(Receive(random, stream, out _));
    }).QuickCheckThrowOnFailure();

    /// <summary>Without the magic byte in it, garbage costs no frame.</summary>
    [Fact]
    public void GarbageBetweenFramesIsSkipped() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        List<string> sent = [];
        List<byte> stream = [];
        ulong garbage = 0;
        for (int i = 0; i < 10; i++)
        {
            for (int k = random.Next(50); k > 0; k--)
            {
                stream.Add((byte)random.Next(0, 0x50));
                garbage++;
            }

            sent.Add(Frame(random, stream));
        }

        return sent.SequenceEqual(Receive(random, stream, out ulong skipped)) && skipped == garbage;
    }).QuickCheckThrowOnFailure();

    /// <summary>Any garbage may look like a frame, but at most one full frame later the receiver is right again.</summary>
    [Fact]
    public void AfterAnyGarbageTheReceiverFindsTheFramesAgain() => Prop.ForAll<byte[]>(garbage =>
    {
        Random random = new(garbage.Length);
        List<byte> stream = [.. garbage];

        // Empty frames of zeros: whatever the garbage swallows, it cannot swallow into a new false frame.
        int padding = 0;
        for (; padding < 2 * LinkProtocol.MaxFrame; padding += LinkProtocol.HeaderBytes) stream.AddRange(Bytes(LinkFrameType.List, 0, [], 0));
        string last = Frame(random, stream);
        return Receive(random, stream, out _).Last() == last;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void LengthsBeyondTheLimitAreNoFrames()
    {
        LinkReceiver receiver = new();
        receiver.Feed([0x50, 1, 0, 0, 0x09, 0x80, 0, 0]); // 32,777
        Assert.False(receiver.TryRead(out _));
        Assert.Equal(1ul, receiver.Skipped);
        receiver = new LinkReceiver();
        receiver.Feed([0x50, 1, 0, 0, 0x08, 0x80, 0, 0]); // 32,776
        Assert.False(receiver.TryRead(out _));
        Assert.Equal(0ul, receiver.Skipped);
        Assert.Equal(32_776, receiver.Feed(new byte[32_776]));
        Assert.True(receiver.TryRead(out LinkFrame frame));
        Assert.Equal(32_776, frame.Payload.Length);
    }

    [Fact]
    public void AnAbandonedFrameGivesFreeWhatItSwallowed()
    {
        LinkReceiver receiver = new();
        receiver.Feed([0x50, 5, 0, 0, 100, 0, 0, 0, (byte)'x']); // its sender is gone
        receiver.Feed(Bytes(LinkFrameType.Hello, 0xFFFF, [1, 0, 0, 0], 9));
        Assert.False(receiver.TryRead(out _));
        Assert.True(receiver.HasPart);
        receiver.Abandon();
        Assert.True(receiver.TryRead(out LinkFrame frame));
        Assert.Equal((LinkFrameType.Hello, (ushort)9), (frame.Type, frame.RequestId));
        Assert.False(receiver.HasPart);
    }

    [Fact]
    public void RecordsKeepTheirLayout()
    {
        byte[] bytes = new byte[LinkProfileRecord.Bytes];
        LinkProfileRecord record = new(bytes)
        {
            Index = 0x0201,
            State = LinkProfileState.Failed,
            Cores = 3,
            Weight = 0x07060504,
            Memory = 0x0F0E0D0C0B0A0908,
            CpuTime = 0x1716151413121110,
            Exits = 0x1F1E1D1C1B1A1918,
            Uptime = 0x2726252423222120,
            Name = "abc"u8,
        };
        byte[] expected = [1, 2, 4, 3, .. Enumerable.Range(4, 36).Select(i => (byte)i), .. "abc"u8, .. new byte[53]];
        Assert.Equal(expected, bytes);
        Assert.Equal("abc"u8, record.Name);
        record.Name = "a-name-that-is-longer-than-thirty-two-bytes"u8;
        Assert.Equal(32, record.Name.Length);
        Assert.Equal(0, bytes[72]);
    }

    private static byte[] Bytes(LinkFrameType type, ushort profile, byte[] payload, ushort id)
    {
        byte[] frame = new byte[LinkProtocol.HeaderBytes + payload.Length];
        LinkFrame.Write(frame, type, profile, payload, id);
        return frame;
    }

    private static string Frame(Random random, List<byte> stream)
    {
        byte[] payload = new byte[random.Next(5) == 0 ? random.Next(4097) : random.Next(20)];
        random.NextBytes(payload);
        LinkFrameType type = (LinkFrameType)random.Next(256);
        ushort profile = (ushort)random.Next(65536), id = (ushort)random.Next(65536);
        stream.AddRange(Bytes(type, profile, payload, id));
        return $"{type} {profile} {id} {Convert.ToHexString(payload)}";
    }

    private static List<string> Receive(Random random, List<byte> stream, out ulong skipped)
    {
        LinkReceiver receiver = new();
        List<string> frames = [];
        byte[] bytes = stream.ToArray();
        for (int at = 0; at < bytes.Length;)
        {
            at += receiver.Feed(bytes.AsSpan(at, Math.Min(random.Next(1, 3000), bytes.Length - at)));
            while (receiver.TryRead(out LinkFrame frame)) frames.Add($"{frame.Type} {frame.Profile} {frame.RequestId} {Convert.ToHexString(frame.Payload)}");
        }

        skipped = receiver.Skipped;
        return frames;
    }
}
