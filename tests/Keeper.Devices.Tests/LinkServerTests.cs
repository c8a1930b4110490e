using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Link;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class LinkServerTests
{
    private readonly FakeStream _stream = new();
    private readonly FakeHandler _handler = new();
    private readonly FakeDoorbell _doorbell = new();
    private readonly ProfileConsole[] _consoles;
    private readonly LinkServer _server;

    public LinkServerTests()
    {
        _server = new LinkServer(_stream, _handler, null, _doorbell, 4);
        _consoles = [new ProfileConsole(0x1_0000, _doorbell), new ProfileConsole(0x1_0000, _doorbell)];
        for (int i = 0; i < 2; i++) _server.Attach(i, _consoles[i]);
    }

    [Fact]
    public void HelloTellsOfTheHandset()
    {
        _stream.Hello();
        _server.Poll();
        var frame = Assert.Single(_stream.Frames());
        Assert.Equal((LinkFrameType.HelloReply, (ushort)0xFFFF, (ushort)1), (frame.Type, frame.Profile, frame.Id));
        LinkHelloReply reply = new(frame.Payload);
        Assert.Equal((5u, 4, 2), (reply.Version, reply.Cores, reply.Profiles));
        Assert.Equal((1UL << 31, 3UL, 5UL), (reply.Memory, reply.HypervisorBytes, reply.KeeperBytes));
        Assert.Equal(LinkHelloReply.Bytes, frame.Payload.Length);
        Assert.True(_server.Greeted);
    }

    [Fact]
    public void BeforeHelloNobodyIsTold()
    {
        _server.Log("a line"u8);
        _consoles[0].Output("text"u8);
        _server.StateChanged(0, LinkProfileState.Running, "why"u8);
        _server.Poll();
        Assert.Empty(_stream.Frames());
    }

    [Fact]
    public void HelloBringsTheBacklogEachTime()
    {
        _server.Log("one"u8);
        _server.Log("two"u8);
        _consoles[1].Output("from work"u8);
        for (int i = 0; i < 2; i++)
        {
            _stream.Hello();
            _server.Poll();
            Assert.Equal(["HelloReply 65535", "Log 65535 one", "Log 65535 two", "Output 1 from work"], Texts());
        }

        _server.Poll();
        Assert.Empty(_stream.Frames());
    }

    [Fact]
    public void RequestsReachTheHandlerAndAreAnswered()
    {
        _stream.Send(LinkFrameType.Start, 1, id: 7);
        _stream.Send(LinkFrameType.Stop, 0, [1], 8);
        _stream.Send(LinkFrameType.Restart, 1, [0], 9);
        _stream.Send(LinkFrameType.Shutdown, payload: [0], id: 10);
        _stream.Send(LinkFrameType.Input, 1, [.. "ls\n"u8]);
        _server.Poll();
        Assert.Equal(["start 1", "stop 0 True", "restart 1 False", "shutdown False", "input 1 ls\n"], _handler.Calls);
        var frames = _stream.Frames();
        Assert.Equal([7, 8, 9, 10], frames.Select(f => f.Id));
        Assert.All(frames, f => Assert.Equal((LinkFrameType.Reply, 0), (f.Type, f.Payload[0])));
    }

    [Fact]
    public void ASizeReachesTheHandlerIfItIsOneAndIsNotAnswered()
    {
        _stream.Send(LinkFrameType.Resize, 1, [132, 0, 43, 0]);
        _stream.Send(LinkFrameType.Resize, 0, [0x2C, 1, 0, 1]);
        _stream.Send(LinkFrameType.Resize, 2, [80, 0, 24, 0]); // no such profile
        _stream.Send(LinkFrameType.Resize, 0, [80, 0, 24]);
        _stream.Send(LinkFrameType.Resize, 0, [80, 0, 24, 0, 0]);
        _stream.Send(LinkFrameType.Resize, 0, [0, 0, 24, 0]);
        _stream.Send(LinkFrameType.Resize, 0, [80, 0, 0, 0]);
        _server.Poll();
        Assert.Equal(["resize 1 132x43", "resize 0 300x256"], _handler.Calls);
        Assert.Empty(_stream.Frames());
    }

    [Fact]
    public void AnswersCarryTheReason()
    {
        _handler.Answer = LinkStatus.WrongState;
        _stream.Send(LinkFrameType.Start, 1);
        _handler.Reason = "it runs already";
        _stream.Send(LinkFrameType.Start, 1);
        _server.Poll();
        var frame = _stream.Frames()[0];
        Assert.Equal(2, frame.Payload[0]);
        Assert.Equal("it runs already", Encoding.UTF8.GetString(frame.Payload.AsSpan(1)));
        _handler.Reason = "";
        _stream.Send(LinkFrameType.Start, 1);
        _server.Poll();
        Assert.Equal("the profile is not in a state for this", Encoding.UTF8.GetString(_stream.Frames()[0].Payload.AsSpan(1)));
    }

    [Theory]
    [InlineData(0x03, 2, 0, LinkStatus.NoSuchProfile)]
    [InlineData(0x03, 0xFFFF, 0, LinkStatus.NoSuchProfile)]
    [InlineData(0x03, 0, 1, LinkStatus.BadRequest)]
    [InlineData(0x04, 0, 0, LinkStatus.BadRequest)]
    [InlineData(0x04, 0, 2, LinkStatus.BadRequest)]
    [InlineData(0x04, 9, 1, LinkStatus.NoSuchProfile)]
    [InlineData(0x06, 0xFFFF, 0, LinkStatus.BadRequest)]
    [InlineData(0x01, 0xFFFF, 3, LinkStatus.BadRequest)]
    [InlineData(0x0F, 0, 0, LinkStatus.BadRequest)]
    [InlineData(0x86, 0, 1, LinkStatus.BadRequest)]
    [InlineData(0x0B, 0, 0, LinkStatus.BadRequest)]
    public void BadRequestsAreRefusedHere(int type, int profile, int length, LinkStatus status)
    {
        _stream.Send((LinkFrameType)type, (ushort)profile, new byte[length], 3);
        _server.Poll();
        var frame = Assert.Single(_stream.Frames());
        Assert.Equal((LinkFrameType.Reply, (ushort)3, (byte)status), (frame.Type, frame.Id, frame.Payload[0]));
        Assert.Empty(_handler.Calls);
    }

    [Fact]
    public void ListDescribesEveryProfile()
    {
        _stream.Send(LinkFrameType.List, id: 5);
        _server.Poll();
        byte[] payload = Assert.Single(_stream.Frames()).Payload;
        Assert.Equal(8 + 2 * 96, payload.Length);
        Assert.Equal(1000ul, BitConverter.ToUInt64(payload));
        LinkProfileRecord work = new(payload.AsSpan(8 + 96));
        Assert.Equal("work", Encoding.UTF8.GetString(work.Name));
        Assert.Equal((1, LinkProfileState.Off, 2, 100u), (work.Index, work.State, work.Cores, work.Weight));
        Assert.Equal((512UL << 20, 7UL, 8UL, 9UL), (work.Memory, work.CpuTime, work.Exits, work.Uptime));
    }

    [Fact]
    public void OwnersAreCounted()
    {
        _stream.Send(LinkFrameType.Owners, id: 5);
        _server.Poll();
        LinkOwnersReply reply = new(Assert.Single(_stream.Frames()).Payload);
        Assert.Equal((1UL, 2UL, 3UL, 0x0123_4567_89AB_CDEFUL, 4UL), (reply.KeeperPages, reply.LentPages, reply.HypervisorPages, reply.Digest, reply.FreePages));
    }

    [Fact]
    public void WhenTheCableIsFullNothingIsLostButTheOldest()
    {
        Greet();
        _stream.Room = 0;
        byte[] chunk = new byte[1000];
        for (int i = 0; i < 70; i++)
        {
            chunk.AsSpan().Fill((byte)i);
            _consoles[0].Output(chunk);
            _server.Poll();
        }

        Assert.Empty(_stream.Frames());
        _stream.Room = int.MaxValue;
        _server.Poll();
        byte[] got = _stream.Frames().SelectMany(f => f.Payload).ToArray();
        Assert.Equal(0x1_0000, got.Length);
        Assert.Equal(Enumerable.Range(0, 70).SelectMany(i => Enumerable.Repeat((byte)i, 1000)).TakeLast(0x1_0000), got);
    }

    [Fact]
    public void ANoisyProfileDoesNotSilenceTheOther()
    {
        Greet();
        _consoles[0].Output(new byte[60_000]);
        _consoles[1].Output("quiet"u8);
        _stream.Room = 10_000;
        _server.Poll();
        Assert.Contains("Output 1 quiet", Texts());
    }

    [Fact]
    public void RequestsWaitWhileAnswersCannotGo()
    {
        _stream.Room = 0;
        for (int i = 0; i < 2000; i++) _stream.Send(LinkFrameType.Start, 1, id: (ushort)i);
        for (int i = 0; i < 5; i++) _server.Poll();
        Assert.InRange(_handler.Calls.Count, 1, 500);
        _stream.Room = int.MaxValue;
        for (int i = 0; i < 200; i++) _server.Poll();
        Assert.Equal(2000, _handler.Calls.Count);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (ushort)i), _stream.Frames().Select(f => f.Id));
    }

    [Fact]
    public void EventsFollowTheOutputThatCameBefore()
    {
        Greet();
        _consoles[1].Output(Encoding.ASCII.GetBytes(new string('x', 9000)));
        _server.StateChanged(1, LinkProfileState.Off, "powered off"u8);
        _consoles[1].Output("later"u8);
        _server.Poll();
        List<(LinkFrameType Type, ushort Profile, ushort Id, byte[] Payload)> frames = _stream.Frames();
        int at = frames.FindIndex(f => f.Type == LinkFrameType.StateChanged);
        Assert.True(frames.Take(at).Sum(f => f.Payload.Length) >= 9000);
        Assert.Equal((byte)LinkProfileState.Off, frames[at].Payload[0]);
        Assert.Equal("powered off", Encoding.UTF8.GetString(frames[at].Payload.AsSpan(1)));
    }

    [Fact]
    public void LostEventsBecomeThePresentState()
    {
        Greet();
        _stream.Room = 0;
        for (int i = 0; i < 1000; i++) _server.StateChanged(1, LinkProfileState.Starting, "again"u8);
        _server.Poll();
        _stream.Room = int.MaxValue;
        _server.Poll();
        var frames = _stream.Frames();
        Assert.InRange(frames.Count, 3, 900);
        Assert.Equal([(0, (byte)LinkProfileState.Running), (1, (byte)LinkProfileState.Off)], frames.TakeLast(2).Select(f => ((int)f.Profile, f.Payload[0])));
        _server.Poll();
        Assert.Empty(_stream.Frames());
    }

    [Fact]
    public void ForgottenLogLinesLeaveNoHalves()
    {
        for (int i = 0; i < 5000; i++) _server.Log(Encoding.ASCII.GetBytes($"line {i}"));
        _stream.Hello();
        _server.Poll();
        string[] lines = Texts().Skip(1).ToArray();
        Assert.InRange(lines.Length, 1000, 2000);
        Assert.Equal(Enumerable.Range(5000 - lines.Length, lines.Length).Select(i => $"Log 65535 line {i}"), lines);
    }

    [Fact]
    public void LongLinesAreCut()
    {
        Greet();
        _server.Log(new byte[2000]);
        _server.Log("next"u8);
        _server.Poll();
        var frames = _stream.Frames();
        Assert.Equal([512, 4], frames.Select(f => f.Payload.Length));
    }

    [Fact]
    public void APcThatVanishedInsideAFrameDoesNotBlockTheNext()
    {
        _stream.Send(FakeStream.Frame(LinkFrameType.Input, 0, new byte[0xFF])[..19]);
        _server.Poll();
        _stream.Hello();
        _server.Poll();
        Assert.Empty(_stream.Frames());
        _handler.Time += 1_000_000_000;
        _server.Poll();
        Assert.Equal(["HelloReply 65535", "Log 65535 the link: 19 bytes from the PC were no whole frame of version 5, and were dropped"], Texts());
    }

    /// <summary>Version 3 had no checks, another magic, and a header of 8 bytes.</summary>
    [Fact]
    public void APcOfAnOlderVersionIsNotUnderstood()
    {
        _stream.Send([0x50, 1, 0xFF, 0xFF, 4, 0, 1, 0, 3, 0, 0, 0, 0x50, 4, 0, 0, 1, 0, 2, 0, 1]);
        _server.Poll();
        Assert.Empty(_handler.Calls);
        Assert.Empty(_stream.Frames());
        _stream.Hello();
        _server.Poll();
        Assert.Equal(LinkFrameType.HelloReply, Assert.Single(_stream.Frames()).Type);
    }

    /// <summary>Every bit of requests that would be others, or for another profile: the keeper does only what was asked, and takes the next request at once.</summary>
    [Fact]
    public void OfAGarbledRequestNothingIsDone()
    {
        (LinkFrameType Type, byte[] Payload)[] requests =
        [
            (LinkFrameType.Start, []), (LinkFrameType.Stop, [0]), (LinkFrameType.Stop, [1]), (LinkFrameType.Restart, [1]), (LinkFrameType.Shutdown, [0]),
            (LinkFrameType.Input, [.. "reboot\n"u8]), (LinkFrameType.Resize, [80, 0, 24, 0]),
        ];
        foreach ((LinkFrameType type, byte[] payload) in requests)
        {
            for (int bit = 0; bit < 8 * (16 + payload.Length); bit++)
            {
                byte[] garbled = FakeStream.Frame(type, 1, payload, 7);
                garbled[bit / 8] ^= (byte)(1 << bit % 8);
                _stream.Send(garbled);
                _stream.Send(LinkFrameType.Restart, 0, [0], 9);
                _server.Poll();
                Assert.Equal(["restart 0 False"], _handler.Calls);
                Assert.Equal(9, Assert.Single(_stream.Frames()).Id);
                _handler.Calls.Clear();
            }
        }
    }

    [Fact]
    public void TheLogTellsOfGarbageOnceASecond()
    {
        Greet();
        for (int i = 0; i < 20; i++)
        {
            _stream.Send([1, 2, 3, .. FakeStream.Frame(LinkFrameType.Credit)]);
            _handler.Time += 200_000_000;
            _server.Poll();
        }

        Assert.Equal(
            Enumerable.Repeat("Log 65535 the link: 15 bytes from the PC were no whole frame of version 5, and were dropped", 4),
            Texts());
    }

    [Fact]
    public void AClosedCableEndsTheConversation()
    {
        Greet();
        _stream.Open = false;
        _consoles[0].Output("unheard"u8);
        _server.Poll();
        Assert.False(_server.Greeted);
        Assert.Empty(_stream.Frames());
        _stream.Open = true;
        _stream.Hello();
        _server.Poll();
        Assert.Equal(["HelloReply 65535", "Output 0 unheard"], Texts());
    }

    [Fact]
    public void ANewSessionForgetsTheOldOnesHalfFrame()
    {
        Greet();
        _stream.Send(FakeStream.Frame(LinkFrameType.Input, 0, new byte[0xFF])[..19]);
        _server.Poll();
        _stream.NextSession++;
        _server.Poll();
        Assert.False(_server.Greeted);
        _stream.Hello();
        _server.Poll();
        Assert.Equal(LinkFrameType.HelloReply, Assert.Single(_stream.Frames()).Type);
    }

    private void Greet()
    {
        _stream.Hello();
        _server.Poll();
        _stream.Frames();
    }

    private string[] Texts() => _stream.Frames()
        .Select(f => f.Type == LinkFrameType.HelloReply ? $"{f.Type} {f.Profile}" : $"{f.Type} {f.Profile} {Encoding.UTF8.GetString(f.Payload)}")
        .ToArray();
}
