using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Network;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests.Network;

/// <summary>Guests on one handset, from their rings to the handset's device and back.</summary>
public sealed class NetworkSwitchTests
{
    private readonly NetWorld _world = new NetWorld(3).Boot();

    private FakeOutside Outside => _world.Outside;

    private NetGuest[] Guests => _world.Guests;

    [Fact]
    public void FramesGoOutAsTheyAre()
    {
        byte[] frame = Frames.Ipv4(Frames.Router, NetWorld.Mac(1), 1500);
        new Random(1).NextBytes(frame.AsSpan(14));
        Guests[1].Send(frame);
        Assert.Equal([frame], Outside.Sent);
        Assert.Equal(1, Guests[1].Done);
        Assert.Equal(1, Outside.Kicks);
        Assert.Equal(new() { [FrameFate.Sent] = 1 }, Guests[1].Counts());
    }

    [Fact]
    public void AFrameForOneComesToThatOne()
    {
        byte[] frame = Frames.Ipv4(NetWorld.Mac(1), Frames.Router, 1500);
        new Random(2).NextBytes(frame.AsSpan(14));
        Outside.Deliver(frame);
        Assert.Empty(Guests[1].Received()); // not before the interrupt is taken
        _world.TakeInterrupts();
        Assert.Equal([frame], Guests[1].Received());
        Assert.True(Guests[1].Interrupts.Line(18).Level);
        Assert.Empty(Guests[0].Received());
        Assert.Empty(Guests[2].Received());
        Assert.Equal(new() { [FrameFate.Received] = 1 }, Guests[1].Counts());
        Assert.Empty(Guests[0].Counts());
    }

    [Fact]
    public void AFrameForAllComesToAllThatAreConnected()
    {
        Guests[2].Devices.RemoveNetwork();
        byte[] frame = Frames.Arp(Frames.Broadcast, Frames.Router, Frames.Router, 1);
        Outside.Deliver(frame);
        _world.TakeInterrupts();
        Assert.Equal([frame], Guests[0].Received());
        Assert.Equal([frame], Guests[1].Received());
        Assert.Empty(Guests[2].Received());
        Assert.Empty(Guests[2].Counts());
    }

    [Fact]
    public void WhatIsForNobodyIsCounted()
    {
        Outside.Deliver(Frames.Ipv4(new MacAddress(0x0011_2233_4455), Frames.Router));
        Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), NetWorld.Mac(1)));
        Outside.Deliver(new byte[5]);
        Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router, 1505));
        _world.TakeInterrupts();
        Assert.All(Guests, guest => Assert.Empty(guest.Received()));
        Assert.Equal(
            new() { [FrameFate.ToNobody] = 1, [FrameFate.FromProfile] = 1, [FrameFate.Runt] = 1, [FrameFate.Giant] = 1 }, NetGuest.Counts(_world.Switch.Dropped));
    }

    /// <summary>Whatever one profile sends, by whatever address, the others hear nothing of it, though the outside sends all of it back.</summary>
    [Fact]
    public void NothingOfAProfileReachesAnother() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        NetWorld world = new NetWorld(3).Boot();
        world.Outside.Reflects = true;
        MacAddress[] addresses = [NetWorld.Mac(0), NetWorld.Mac(1), NetWorld.Mac(2), Frames.Broadcast, Frames.AllNodes, Frames.Router, default];
        MacAddress Any() => addresses[random.Next(addresses.Length)];
        int outside = 0;
        for (int i = 0; i < 150; i++)
        {
            MacAddress to = Any(), from = random.Next(2) == 0 ? NetWorld.Mac(0) : Any();
            byte[] frame = random.Next(6) switch
            {
                0 => Frames.Arp(to, from, Any(), random.Next(1, 3)),
                1 => Frames.Ipv6(to, from, 58, Frames.Discovery(random.Next(133, 138), random.Next(1, 3), Any())),
                2 => Frames.Tagged(Frames.Arp(to, from, Any())),
                3 => Frames.Ipv4(to, from)[..random.Next(60)],
                4 => Frames.Ipv4(to, from, random.Next(1490, 1520)),
                _ => Frames.Ipv4(to, from),
            };
            world.Guests[0].Send(frame);
            if (random.Next(8) == 0 && world.Outside.Deliver(Frames.Ipv4(Frames.Broadcast, Frames.Router))) outside++;
            if (random.Next(4) != 0) continue;
            world.TakeInterrupts();
            if (random.Next(10) == 0)
            {
                // It stops, and what it said is still on its way; then it starts again.
                world.Guests[0].Devices.Reset();
                world.Guests[0].Devices.RemoveNetwork();
                world.TakeInterrupts();
                if (!world.Guests[0].Devices.ConfigureNetwork(NetWorld.Mac(0))) return false;
                world.Guests[0].Boot();
            }

            foreach (NetGuest guest in world.Guests.Skip(1))
                foreach (byte[] received in guest.Received())
                    if (!received.AsSpan(6, 6).SequenceEqual(Frames.Bytes(Frames.Router))) return false;
        }

        // Nor did it speak for anybody else, outside.
        return world.Outside.Sent.All(frame => frame.AsSpan(6, 6).SequenceEqual(Frames.Bytes(NetWorld.Mac(0))));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void WhatAStoppedProfileSentIsNotHeardByTheOthers()
    {
        byte[] frame = Frames.Arp(Frames.Broadcast, NetWorld.Mac(0), NetWorld.Mac(0));
        Guests[0].Send(frame);
        Guests[0].Devices.Reset();
        Guests[0].Devices.RemoveNetwork();
        Outside.Deliver(frame);
        _world.TakeInterrupts();
        Assert.Empty(Guests[1].Received());

        _world.Clock.Time += PortAddresses.Echo; // now it may be another handset's
        Outside.Deliver(frame);
        _world.TakeInterrupts();
        Assert.Equal([frame], Guests[1].Received());
    }

    [Fact]
    public void OneAddressIsOneProfiles()
    {
        Guests[1].Devices.Reset();
        Assert.False(Guests[1].Devices.ConfigureNetwork(NetWorld.Mac(0)));
        Assert.Equal(0u, Guests[1].DeviceId);
        Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router));
        _world.TakeInterrupts();
        Assert.Single(Guests[0].Received());
        Assert.Empty(Guests[1].Counts());

        Guests[0].Devices.Reset();
        Guests[0].Devices.RemoveNetwork();
        Assert.True(Guests[1].Devices.ConfigureNetwork(NetWorld.Mac(0)));
    }

    [Fact]
    public void AGuestWithoutBuffersLosesFramesAndTheOthersDoNot()
    {
        NetGuest deaf = Guests[0];
        deaf.Boot(buffers: false);
        for (int i = 0; i < 500; i++)
        {
            Assert.True(Outside.Deliver(Frames.Arp(Frames.Broadcast, Frames.Router, Frames.Router)));
            _world.TakeInterrupts();
            Assert.Single(Guests[1].Received());
        }

        Assert.Equal(new() { [FrameFate.NoBuffer] = 500 }, deaf.Counts());
        deaf.OfferBuffer(0);
        Outside.Deliver(Frames.Arp(Frames.Broadcast, Frames.Router, Frames.Router));
        _world.TakeInterrupts();
        Assert.Single(deaf.Received());
    }

    [Fact]
    public void AGuestThatIsOffIsNotDisturbed()
    {
        Guests[0].Devices.Reset();
        byte[] before = [.. Guests[0].Memory.Bytes];
        Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router));
        _world.TakeInterrupts();
        Assert.Equal(before, Guests[0].Memory.Bytes);
        Assert.False(Guests[0].Interrupts.Line(18).Level);
    }

    /// <summary>More than are handed out at once.</summary>
    [Fact]
    public void ABurstFromOutsideIsHandedOutBitByBit()
    {
        for (int i = 0; i < VirtioNetDriver.ReceiveBuffers; i++) Assert.True(Outside.Deliver(Frames.Ipv4(new MacAddress(0x0011_2233_4455), Frames.Router)));
        Assert.False(Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router)));
        Assert.True(_world.Switch.Poll());
        Assert.Equal(VirtioNetDriver.ReceiveBuffers / 2, (int)_world.Switch.Dropped[FrameFate.ToNobody]);
        Assert.True(_world.Switch.Poll());
        Assert.False(_world.Switch.Poll());
        Assert.Equal(VirtioNetDriver.ReceiveBuffers, (int)_world.Switch.Dropped[FrameFate.ToNobody]);
        Assert.True(Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router)));
        _world.TakeInterrupts();
        Assert.Single(Guests[0].Received());
    }

    /// <summary>While the outside takes nothing, one guest may fill half of the buffers, and there are always some for the others.</summary>
    [Fact]
    public void AFloodLeavesRoomForTheOthers()
    {
        Outside.Takes = false;
        NetGuest flood = Guests[0];
        for (int i = 0; i < 1000; i++) Pump(flood);
        Assert.Equal(VirtioNetDriver.TransmitBuffers / 2, flood.Done);
        Assert.Equal(NetGuest.Buffers, flood.Offered - flood.Done); // the rest waits in its own queue

        Guests[1].Send(Frames.Ipv4(Frames.Router, NetWorld.Mac(1)));
        Assert.Equal(1, Guests[1].Done);
        for (int i = 0; i < 1000; i++) Pump(Guests[1]);
        Assert.InRange(Guests[1].Done, VirtioNetDriver.TransmitBuffers / 4, VirtioNetDriver.TransmitBuffers / 2);
        Guests[2].Send(Frames.Ipv4(Frames.Router, NetWorld.Mac(2)));
        Assert.Equal(1, Guests[2].Done);
    }

    /// <summary>Frames that wait go on by themselves when the device gives buffers back, a full queue behind it or not.</summary>
    [Fact]
    public void WhoWaitsGoesOnAndNothingIsLost()
    {
        Outside.Takes = false;
        List<byte[]> offered = [];
        Random random = new(3);
        int served = 0;
        for (int i = 0; i < 4000; i++)
        {
            NetGuest guest = Guests[random.Next(2)];
            if (guest.Offered - guest.Done < NetGuest.Buffers)
            {
                byte[] frame = Frames.Ipv4(Frames.Router, guest.Port.Address);
                BitConverter.TryWriteBytes(frame.AsSpan(20), offered.Count);
                offered.Add(frame);
                guest.Send(frame);
            }

            if (random.Next(3) == 0) Outside.Take(random.Next(6));
            if (random.Next(5) == 0) _world.TakeInterrupts();
            served = Math.Max(served, offered.Count);
        }

        for (int i = 0; i < 100; i++)
        {
            Outside.Take(7);
            _world.TakeInterrupts();
        }

        Assert.True(served > 1000);
        Assert.Equal(offered.Count, Outside.Sent.Count);
        for (int profile = 0; profile < 2; profile++)
        {
            byte[] from = Frames.Bytes(NetWorld.Mac(profile));
            Assert.Equal(offered.Where(f => f.AsSpan(6, 6).SequenceEqual(from)), Outside.Sent.Where(f => f.AsSpan(6, 6).SequenceEqual(from)));
            Assert.Equal(Guests[profile].Offered, Guests[profile].Done);
        }
    }

    /// <summary>Sixteen floods and one that speaks rarely: it never waits longer than for one round of what is under way.</summary>
    [Fact]
    public void AmongFloodsEverybodyGetsTheSame()
    {
        NetWorld world = new NetWorld(16).Boot();
        world.Outside.Takes = false;
        int[] sent = new int[16];
        for (int round = 0; round < 400; round++)
        {
            foreach (NetGuest guest in world.Guests) Pump(guest);
            int before = world.Outside.Sent.Count;
            world.Outside.Take(32);
            foreach (byte[] frame in world.Outside.Sent.Skip(before)) sent[frame[11]]++;
            world.TakeInterrupts();
        }

        Assert.InRange(sent.Min(), sent.Max() * 9 / 10, sent.Max());
    }

    [Fact]
    public void ADeviceThatLiesTakesTheLinkDown()
    {
        // A buffer comes back that was never offered.
        ArrayMemory memory = new(0x7000_0000, VirtioNetDriver.MemoryBytes);
        FakeOutside outside = new(memory, new FakeInterrupts().Line(0)) { Takes = false };
        ulong deviceArea = 0;
        int queue = 0;
        ScriptedBus bus = new(
            offset => (uint)outside.Read(offset, 4),
            (offset, value) =>
            {
                if (offset == 0x30) queue = (int)value;
                if (offset == 0xA0 && queue == 1) deviceArea = value;
                outside.Write(offset, 4, value);
            });
        NetworkSwitch network = new(VirtioNetDriver.Start(bus, memory), new FakeClock(), 1);
        NetGuest guest = new(network.Port(0));
        guest.Devices.ConfigureNetwork(NetWorld.Mac(0));
        guest.Boot();
        Assert.Equal(1u, guest.Driver.Register(0x104) >> 16);
        for (int i = 0; i < 1000 && guest.Port.IsUp; i++)
        {
            Pump(guest);
            if (i != 20) continue;
            Span<byte> area = memory.Slice(deviceArea, 12);
            BitConverter.TryWriteBytes(area[4..], 99_999);
            BitConverter.TryWriteBytes(area[2..], (ushort)1);
        }

        Assert.False(guest.Port.IsUp);
        Assert.Equal(0u, guest.Driver.Register(0x104) >> 16);
        Assert.NotEqual(0u, outside.Read(0x70, 4) & 128); // FAILED
        for (int i = 0; i < 100; i++) Pump(guest);
        Assert.Equal(guest.Offered, guest.Done); // the guest is not held up
        Assert.True(guest.Counts()[FrameFate.LinkDown] >= 90);
    }

    // Keeps its queue full.
    private static void Pump(NetGuest guest)
    {
        if (guest.Offered - guest.Done < NetGuest.Buffers) guest.Send(Frames.Ipv4(Frames.Router, guest.Port.Address));
        else guest.Driver.Notify(1);
    }
}
