using System;
using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Drivers;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>The driver of the handset's network device, and devices that lie.</summary>
public sealed class VirtioNetDriverTests
{
    private readonly ArrayMemory _memory = new(0x7000_0000, VirtioNetDriver.MemoryBytes);
    private readonly FakeInterrupts _interrupts = new();
    private readonly FakeOutside _outside;
    private readonly VirtioNetDriver _driver;
    private readonly Dictionary<int, ulong> _deviceAreas = [];

    public VirtioNetDriverTests()
    {
        _outside = new FakeOutside(_memory, _interrupts.Line(0)) { Takes = false };
        _driver = VirtioNetDriver.Start(Bus(_outside), _memory);
    }

    [Fact]
    public void ItTakesNetworkDevicesOnly()
    {
        Assert.NotNull(_driver);
        Assert.Null(VirtioNetDriver.Start(new DeviceBus(new VirtioEntropy(new FakeRandom(), _memory, _interrupts.Line(1))), _memory));
        Assert.Null(VirtioNetDriver.Start(new DeviceBus(new EmptySlots()), _memory));
        Assert.Null(VirtioNetDriver.Start(new ScriptedBus(_ => uint.MaxValue, (_, _) => { }), _memory));
    }

    [Fact]
    public void ADeviceWithSmallQueuesIsRefused()
    {
        FakeOutside outside = new(_memory, _interrupts.Line(1));
        ScriptedBus bus = new(offset => offset == 0x34 ? 64 : (uint)outside.Read(offset, 4), (offset, value) => outside.Write(offset, 4, value));
        Assert.Null(VirtioNetDriver.Start(bus, _memory));
        Assert.NotEqual(0u, (uint)outside.Read(0x70, 4) & VirtioMmio.Failed);
    }

    [Fact]
    public void ReceiveBuffersAreAlwaysThere()
    {
        byte[] frame = Frames.Ipv4(Frames.Broadcast, Frames.Router, 1500);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(_outside.Deliver(frame));
            Assert.True(_interrupts.Line(0).Level);
            _driver.AcknowledgeInterrupt();
            Assert.False(_interrupts.Line(0).Level);
            Assert.True(_driver.TryReceive(out int buffer, out int length));
            Assert.Equal(frame, _driver.Received(buffer, length).ToArray());
            _driver.Recycle(buffer);
            _driver.KickReceive();
            Assert.False(_driver.TryReceive(out _, out _));
        }
    }

    [Fact]
    public void SentFramesRaiseNoInterruptsUntilSomebodyWaits()
    {
        TransmitShare share = _driver.Share(0);
        while (!_driver.Room(share).IsEmpty) _driver.Send(share, 100);
        _driver.Kick(share);
        Assert.Equal(0u, _driver.Wake());
        _outside.Take(1);
        Assert.True(_interrupts.Line(0).Level);
        _driver.AcknowledgeInterrupt();
        Assert.Equal(0u, _driver.Wake()); // one buffer more is not worth it
        _outside.Take(int.MaxValue);
        Assert.True(_interrupts.Line(0).Level);
        _driver.AcknowledgeInterrupt();
        Assert.Equal(1u, _driver.Wake());

        for (int i = 0; i < 500; i++)
        {
            Assert.False(_driver.Room(share).IsEmpty);
            _driver.Send(share, 100);
            _driver.Kick(share);
            _outside.Take(int.MaxValue);
            Assert.False(_interrupts.Line(0).Level);
        }
    }

    /// <summary>No buffer is given to two senders, none gets lost, and whoever was refused one is woken.</summary>
    [Fact]
    public void BuffersGoAroundAmongSenders() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        ArrayMemory memory = new(0x7000_0000, VirtioNetDriver.MemoryBytes);
        FakeOutside outside = new(memory, new FakeInterrupts().Line(0)) { Takes = false };
        VirtioNetDriver driver = VirtioNetDriver.Start(new DeviceBus(outside), memory);
        const int senders = 8;
        int[] sent = new int[senders];
        bool[] waits = new bool[senders];
        for (int i = 0; i < 3000; i++)
        {
            int sender = random.Next(senders);
            TransmitShare share = driver.Share(sender);
            Span<byte> room = driver.Room(share);
            waits[sender] = room.IsEmpty;
            if (!room.IsEmpty)
            {
                room[0] = (byte)sender;
                BitConverter.TryWriteBytes(room[1..], sent[sender]++);
                driver.Send(share, 60);
            }

            if (random.Next(4) == 0) outside.Take(random.Next(12));
            if (random.Next(6) != 0) continue;
            uint woken = driver.Wake();
            for (int k = 0; k < senders; k++)
            {
                if ((woken >> k & 1) == 0) continue;
                if (!waits[k] || driver.Room(driver.Share(k)).IsEmpty) return false;
                waits[k] = false;
            }
        }

        outside.Take(int.MaxValue);
        uint last = driver.Wake();
        int[] next = new int[senders];
        foreach (byte[] frame in outside.Sent)
            if (BitConverter.ToInt32(frame, 1) != next[frame[0]]++) return false;
        for (int k = 0; k < senders; k++)
            if (next[k] != sent[k] || waits[k] != ((last >> k & 1) != 0)) return false;
        return true;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(11u, 0)]
    [InlineData(12u, 0)]
    [InlineData(13u, 1)]
    [InlineData(1537u, 1524)]
    [InlineData(uint.MaxValue, 1524)]
    public void LengthsAreTheDevicesWordAndNoMore(uint written, int length)
    {
        Use(0, 0, 0, written);
        Assert.True(_driver.TryReceive(out int buffer, out int got));
        Assert.Equal((0, length), (buffer, got));
        Assert.Equal(length, _driver.Received(buffer, got).Length);
    }

    [Theory]
    [InlineData(128u)]
    [InlineData(uint.MaxValue)]
    public void BuffersThatAreNoneBreakTheDevice(uint id)
    {
        Use(0, 0, id, 100);
        Assert.False(_driver.TryReceive(out _, out _));
        Broken();
    }

    [Fact]
    public void ABufferThatComesTwiceBreaksTheDevice()
    {
        Use(0, 0, 5, 100);
        Use(0, 1, 5, 100);
        Assert.True(_driver.TryReceive(out _, out _));
        Assert.False(_driver.TryReceive(out _, out _));
        Broken();
    }

    [Fact]
    public void AFrameThatWasNeverSentBreaksTheDevice()
    {
        TransmitShare share = _driver.Share(3);
        Assert.False(_driver.Room(share).IsEmpty);
        Use(1, 0, 0, 0);
        for (int i = 0; i < VirtioNetDriver.TransmitBuffers && !_driver.Room(share).IsEmpty; i++) _driver.Send(share, 100);
        Broken();
    }

    private ScriptedBus Bus(FakeOutside outside)
    {
        uint queue = 0;
        return new ScriptedBus(
            offset => (uint)outside.Read(offset, 4),
            (offset, value) =>
            {
                if (offset == VirtioMmio.QueueSelect) queue = value;
                if (offset == VirtioMmio.QueueDeviceLow) _deviceAreas[(int)queue] = value;
                outside.Write(offset, 4, value);
            });
    }

    // The device says that it is done with a buffer.
    private void Use(int queue, int slot, uint id, uint length)
    {
        Span<byte> area = _memory.Slice(_deviceAreas[queue], 4 + 8 * 128);
        BitConverter.TryWriteBytes(area[(4 + 8 * slot)..], id);
        BitConverter.TryWriteBytes(area[(8 + 8 * slot)..], length);
        BitConverter.TryWriteBytes(area[2..], (ushort)(slot + 1));
    }

    private void Broken()
    {
        Assert.True(_driver.IsBroken);
        Assert.NotEqual(0u, (uint)_outside.Read(0x70, 4) & VirtioMmio.Failed);
    }
}
