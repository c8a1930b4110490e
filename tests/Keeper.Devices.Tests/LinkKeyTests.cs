using System;
using System.Linq;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Link;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>What profiles say and hold is never a frame of the link: docs/link-protocol.md, "Keys".</summary>
public sealed class LinkKeyTests
{
    private readonly FakeStream _stream = new();
    private readonly FakeHandler _handler = new();
    private readonly ProfileConsole _console;
    private readonly LinkServer _server;

    public LinkKeyTests()
    {
        FakeDoorbell doorbell = new();
        _server = new LinkServer(_stream, _handler, null, doorbell, 4);
        _server.Attach(0, _console = new ProfileConsole(0x1_0000, doorbell));
    }

    /// <summary>A file of a hostile profile may hold frames. What is left of one in which a PC vanished is not taken for what the next PC asks.</summary>
    [Fact]
    public void WhatAVanishedPcLeftIsNoRequest()
    {
        Connect(0x1234_5678);
        byte[] hidden = [.. FakeStream.Frame(LinkFrameType.Input, 1, [.. "reboot\n"u8]), .. FakeStream.Frame(LinkFrameType.Hello, payload: new byte[8])];
        byte[] frame = FakeStream.Frame(LinkFrameType.PushData, payload: [.. new byte[100], .. hidden, .. hidden], key: _handler.Key);
        _stream.Send(frame[..50]);
        _server.Poll();
        _stream.NextSession++;
        _stream.Send(frame[50..]);
        Connect(0x8765_4321);
        Assert.Empty(_handler.Calls);
        _stream.Send(LinkFrameType.Start, 1);
        _server.Poll();
        Assert.Equal(["start 1"], _handler.Calls);
    }

    /// <summary>Nor when the cable has lost the frame's beginning.</summary>
    [Fact]
    public void WhatLiesInAFrameIsNone()
    {
        Connect(0x1234_5678);
        byte[] hidden = FakeStream.Frame(LinkFrameType.Stop, 1, [1]);
        byte[] frame = FakeStream.Frame(LinkFrameType.PushData, payload: [.. hidden, .. hidden], key: _handler.Key);
        for (int lost = 1; lost < frame.Length; lost++) _stream.Send(frame[lost..]);
        _stream.Send(LinkFrameType.Start, 1);
        _server.Poll();
        Assert.Equal(["start 1"], _handler.Calls);
    }

    [Fact]
    public void TheKeyIsToldToWhoeverKnocks()
    {
        _handler.Key = 0x1234_5678;
        _stream.Send(LinkFrameType.Knock, payload: [1, 2, 3, 4], id: 3);
        _stream.Send(LinkFrameType.Start, 1); // without it
        _server.Poll();
        var welcome = Assert.Single(_stream.Frames());
        Assert.Equal((LinkFrameType.Welcome, (ushort)3), (welcome.Type, welcome.Id));
        Assert.Equal([5, 0, 0, 0, 0x78, 0x56, 0x34, 0x12, 1, 2, 3, 4], welcome.Payload);
        Assert.Empty(_handler.Calls);
        Assert.False(_server.Greeted);
    }

    [Fact]
    public void EachSessionHasAKeyOfItsOwn()
    {
        Connect(0x1234_5678);
        byte[] late = FakeStream.Frame(LinkFrameType.Start, 1, key: _handler.Key);
        _stream.NextSession++;
        _stream.Send(late);
        Connect(0x8765_4321);
        Assert.Empty(_handler.Calls);
    }

    /// <summary>Keys are made of random bytes, of which guests want some, too.</summary>
    [Fact]
    public void AKeyIsTakenForEachSessionAndNoneWhileNobodyIsThere()
    {
        _stream.Open = false;
        for (int i = 0; i < 100; i++) _server.Poll();
        Assert.Equal(0, _handler.KeysTaken);
        _stream.Open = true;
        for (int i = 0; i < 100; i++) _server.Poll();
        Assert.Equal(1, _handler.KeysTaken);
        _stream.NextSession++;
        for (int i = 0; i < 100; i++) _server.Poll();
        Assert.Equal(2, _handler.KeysTaken);
        _stream.Open = false;
        _server.Poll();
        _stream.Open = true;
        for (int i = 0; i < 100; i++) _server.Poll();
        Assert.Equal(3, _handler.KeysTaken);
    }

    /// <summary>All kinds of frames that go to the PC have its key: <see cref="FakeStream.Frames"/> looks.</summary>
    [Fact]
    public void WhatGoesToThePcHasItsKey()
    {
        _stream.Key = 0xDEAD_BEEF;
        _server.Log("a line"u8);
        _console.Output("text"u8);
        Connect(0x1234_5678);
        _server.StateChanged(0, LinkProfileState.Running, "why"u8);
        _server.ProfilesChanged();
        _stream.Send(LinkFrameType.List);
        _server.Poll();
        Assert.Equal([LinkFrameType.ListReply, LinkFrameType.ProfilesChanged, LinkFrameType.StateChanged], _stream.Frames().Select(f => f.Type));
        for (int i = 0; i < 5000; i++) _server.StateChanged(1, LinkProfileState.Off, "too many"u8);
        _server.Poll();
        Assert.NotEmpty(_stream.Frames());
    }

    // As a PC does it, with a key of the keeper's that is new.
    private void Connect(uint key)
    {
        _handler.Key = key;
        _stream.Send(LinkFrameType.Knock, payload: BitConverter.GetBytes(_stream.Key));
        _server.Poll();
        _stream.KeeperKey = BitConverter.ToUInt32(Assert.Single(_stream.Frames(), frame => frame.Type == LinkFrameType.Welcome).Payload, 4);
        _stream.Hello();
        _server.Poll();
        Assert.Contains(_stream.Frames(), frame => frame.Type == LinkFrameType.HelloReply);
    }
}
