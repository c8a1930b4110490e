using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
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

    /// <summary>Whatever it looks like, as long as its checks are wrong.</summary>
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
                stream.Add((byte)(random.Next(4) == 0 ? LinkProtocol.Magic : random.Next(256)));
                garbage++;
            }

            sent.Add(Frame(random, stream));
        }

        return sent.SequenceEqual(Receive(random, stream, out ulong skipped)) && skipped == garbage;
    }).QuickCheckThrowOnFailure();

    /// <summary>RFC 3720, "CRC Examples", and the usual one.</summary>
    [Fact]
    public void TheCheckIsCrc32C()
    {
        Assert.Equal(0xE306_9283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0x8A91_36AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x46DD_794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0u, Crc32C.Of([]));
    }

    [Fact]
    public void AFrameKeepsItsLayout()
    {
        byte[] frame = Bytes(LinkFrameType.Stop, 0x0102, [.. "123456789"u8], 0x0304);
        Assert.Equal([0x51, 4, 2, 1, 9, 0, 4, 3, 0x83, 0x92, 0x06, 0xE3], frame[..12]);
        Assert.Equal(Crc32C.Of(frame.AsSpan(0, 12)), BitConverter.ToUInt32(frame, 12));
        Assert.Equal("123456789"u8, frame.AsSpan(16));
        Assert.Equal(frame, FakeStream.Frame(LinkFrameType.Stop, 0x0102, [.. "123456789"u8], 0x0304)); // which counts the checks in its own way
    }

    [Fact]
    public void LengthsBeyondTheLimitAreNoFrames()
    {
        LinkReceiver receiver = new();
        receiver.Feed(FakeStream.Frame(LinkFrameType.Hello, payload: new byte[32_777])[..16]);
        Assert.False(receiver.TryRead(out _));
        Assert.Equal(1ul, receiver.Skipped);
        receiver = new LinkReceiver();
        byte[] largest = FakeStream.Frame(LinkFrameType.Hello, payload: new byte[32_776]);
        receiver.Feed(largest[..16]);
        Assert.False(receiver.TryRead(out _));
        Assert.Equal(0ul, receiver.Skipped);
        Assert.Equal(32_776, receiver.Feed(largest.AsSpan(16)));
        Assert.True(receiver.TryRead(out LinkFrame frame));
        Assert.Equal(32_776, frame.Payload.Length);
    }

    /// <summary>A wrong length is known as one at once, so nothing waits for the rest.</summary>
    [Fact]
    public void NoGarbledHeaderIsWaitedFor()
    {
        for (int bit = 0; bit < 8 * LinkProtocol.HeaderBytes; bit++)
        {
            LinkReceiver receiver = new();
            byte[] frame = Bytes(LinkFrameType.Input, 1, new byte[100], 9);
            frame[bit / 8] ^= (byte)(1 << bit % 8);
            receiver.Feed(frame);
            Assert.False(receiver.TryRead(out _));
            Assert.Equal(101ul, receiver.Skipped); // all but what may be the beginning of a header
            receiver.Feed(Bytes(LinkFrameType.List, 0xFFFF, [], 9));
            Assert.True(receiver.TryRead(out LinkFrame next));
            Assert.Equal(LinkFrameType.List, next.Type);
        }
    }

    /// <summary>Bytes that are lost or too many cost their own frame only, up to as many lost ones as a header has.</summary>
    [Fact]
    public void LostAndAddedBytesCostNoOtherFrame() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        List<byte> stream = [];
        byte[] payload = new byte[random.Next(16, 200)];
        random.NextBytes(payload);
        List<byte> damaged = [.. Bytes(LinkFrameType.Input, 1, payload, 9)];
        int at = random.Next(damaged.Count - 15), count = random.Next(1, 16);
        if (random.Next(2) == 0) damaged.RemoveRange(at, count);
        else damaged.InsertRange(at + 1, Enumerable.Repeat((byte)random.Next(256), count));
        stream.AddRange(damaged);
        List<string> sent = [Frame(random, stream), Frame(random, stream)];
        return sent.SequenceEqual(Receive(random, stream, out _));
    }).QuickCheckThrowOnFailure();

    /// <summary>A profile may print what looks like a frame. It is none, while the frame around it has lost no bytes.</summary>
    [Fact]
    public void AFrameInsideAGarbledOneIsNone()
    {
        byte[] inner = Bytes(LinkFrameType.Shutdown, 0xFFFF, [1], 9);
        for (int bit = 0; bit < 8 * 16; bit++)
        {
            LinkReceiver receiver = new();
            byte[] frame = Bytes(LinkFrameType.Output, 1, [.. new byte[16], .. inner, .. inner], 9);
            frame[LinkProtocol.HeaderBytes + bit / 8] ^= (byte)(1 << bit % 8);
            receiver.Feed(frame);
            Assert.False(receiver.TryRead(out _));
        }
    }

    [Fact]
    public void AnAbandonedFrameGivesFreeWhatItSwallowed()
    {
        LinkReceiver receiver = new();
        receiver.Feed(Bytes(LinkFrameType.Input, 0, new byte[100], 0).AsSpan(0, 17)); // its sender is gone
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
