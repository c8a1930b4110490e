using System;
using System.Buffers.Binary;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Network;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>A guest's network device, and guests that use it oddly.</summary>
public sealed class VirtioNetTests
{
    private const ushort Next = 1, Write = 2;

    private readonly NetWorld _world = new NetWorld(2).Boot();
    private readonly NetGuest _guest;
    private readonly byte[] _frame = Frames.Ipv4(Frames.Router, NetWorld.Mac(0), 100);

    public VirtioNetTests() => _guest = _world.Guests[0];

    private MockDriver Driver => _guest.Driver;

    [Fact]
    public void ItIsAbsentUntilItIsConfigured()
    {
        NetGuest guest = new NetWorld(1).Guests[0];
        Assert.Equal(0u, guest.DeviceId);
        Assert.True(guest.Devices.ConfigureNetwork(NetWorld.Mac(0)));
        Assert.Equal(1u, guest.DeviceId);
        guest.Devices.RemoveNetwork();
        Assert.Equal(0u, guest.DeviceId);
    }

    [Fact]
    public void TheConfigurationHasTheAddressAndThatTheLinkIsUp()
    {
        const ulong config = VirtualHandset.VirtioMmio + ProfileDevices.NetworkSlot * VirtualHandset.VirtioMmioStep + 0x100;
        byte[] expected = [.. Frames.Bytes(NetWorld.Mac(0)), 1, 0, 0, 0, 0, 0];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(_guest.Devices.TryRead(config + (ulong)i, 1, out ulong value));
            Assert.Equal(expected[i], (byte)value);
        }
    }

    [Fact]
    public void ItOffersAddressStatusAndNothingElse()
    {
        Driver.Register(0x14, 0);
        Assert.Equal(1u << 5 | 1u << 16, Driver.Register(0x10));
        Driver.Register(0x30, 0);
        Assert.Equal(256u, Driver.Register(0x34));
        Driver.Register(0x30, 1);
        Assert.Equal(256u, Driver.Register(0x34));
        Driver.Register(0x30, 2);
        Assert.Equal(0u, Driver.Register(0x34));
    }

    /// <summary>"The device MUST NOT make assumptions about the particular arrangement of descriptors."</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(40)]
    public void AFrameMayLieInAnyPieces(int first)
    {
        byte[] bytes = [.. new byte[12], .. _frame];
        int[] cuts = [0, first, first + 1, 70, 70, bytes.Length];
        for (int i = 0; i + 1 < cuts.Length; i++)
        {
            ulong at = Driver.Data + 0x8000 + 0x333UL * (ulong)i;
            int length = cuts[i + 1] - cuts[i];
            if (length != 0) bytes.AsSpan(cuts[i], length).CopyTo(_guest.Memory.Slice(at, length));
            Driver.Descriptor(1, i, at, (uint)length, (ushort)(i + 2 < cuts.Length ? Next : 0), (ushort)(i + 1));
        }

        Driver.Offer(1, 0);
        Assert.Equal([_frame], _world.Outside.Sent);
        Assert.Equal((0u, 0u), Driver.Used(1, 0));
    }

    [Fact]
    public void ABufferToReceiveMayLieInAnyPieces()
    {
        _guest.Boot(buffers: false);
        (int At, uint Length)[] pieces = [(0, 5), (0x100, 9), (0x200, 0), (0x300, 50), (0x400, 2000)];
        for (int i = 0; i < pieces.Length; i++)
            Driver.Descriptor(0, i, Driver.Data + (ulong)pieces[i].At, pieces[i].Length, (ushort)(Write | (i < 4 ? Next : 0)), (ushort)(i + 1));
        Driver.Offer(0, 0);
        byte[] frame = [.. Frames.Ipv4(NetWorld.Mac(0), Frames.Router, 100)];
        for (int i = 14; i < frame.Length; i++) frame[i] = (byte)i;
        _world.Outside.Deliver(frame);
        _world.TakeInterrupts();

        Assert.Equal((0u, 12u + 114), Driver.Used(0, 0));
        byte[] got = [.. pieces.Where(p => p.Length != 0).SelectMany(p => _guest.Memory.Slice(Driver.Data + (ulong)p.At, (int)p.Length).ToArray())];
        Assert.Equal(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, got[..12]);
        Assert.Equal(frame, got[12..(12 + 114)]);
        Assert.All(got[(12 + 114)..], b => Assert.Equal(0xA5, b));
    }

    /// <summary>Nothing is written to it, and it takes the next frame that fits.</summary>
    [Fact]
    public void ABufferThatIsTooSmallWaits()
    {
        _guest.Boot(buffers: false);
        Driver.Descriptor(0, 0, Driver.Data, 12 + 63, Write, 0);
        Driver.Offer(0, 0);
        _world.Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router, 50));
        _world.TakeInterrupts();
        Assert.Equal(0, Driver.UsedIndex(0));
        Assert.Equal(0xA5, _guest.Memory.Slice(Driver.Data, 1)[0]);
        _world.Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router, 49));
        _world.TakeInterrupts();
        Assert.Equal((0u, 75u), Driver.Used(0, 0));
        Assert.Equal(1ul, _guest.Port.Counters[FrameFate.NoBuffer]);
    }

    [Theory]
    [InlineData(0, FrameFate.Runt)]
    [InlineData(11, FrameFate.Runt)]
    [InlineData(12, FrameFate.Runt)]
    [InlineData(25, FrameFate.Runt)]
    [InlineData(12 + 1514, FrameFate.Sent)]
    [InlineData(12 + 1515, FrameFate.Giant)]
    [InlineData(12 + 1524, FrameFate.Giant)]
    [InlineData(12 + 1525, FrameFate.Giant)]
    [InlineData(0xF000, FrameFate.Giant)]
    public void ChainsHaveALengthOfEthernet(int length, FrameFate fate)
    {
        _frame.CopyTo(_guest.Memory.Slice(Driver.Data + 12, _frame.Length));
        Driver.Descriptor(1, 0, Driver.Data, (uint)length, 0, 0);
        Driver.Offer(1, 0);
        Assert.Equal(new() { [fate] = 1 }, _guest.Counts());
        Assert.Equal(1, Driver.UsedIndex(1)); // dropped or not, the guest has it back
        Assert.True(_guest.Interrupts.Line(18).Level);
    }

    [Fact]
    public void ManyFramesAreOneKickAndOneInterrupt()
    {
        for (int i = 0; i < NetGuest.Buffers; i++) _guest.Send(_frame, notify: false);
        Driver.Notify(1);
        Assert.Equal(NetGuest.Buffers, _world.Outside.Sent.Count);
        Assert.Equal(1, _world.Outside.Kicks);
        Assert.Equal([(18, true)], _guest.Interrupts.Calls);
    }

    [Fact]
    public void NoInterruptIsRespected()
    {
        Driver.SetNoInterrupt(0, true);
        Driver.SetNoInterrupt(1, true);
        _guest.Send(_frame);
        _world.Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router));
        _world.TakeInterrupts();
        Assert.Single(_guest.Received());
        Assert.Empty(_guest.Interrupts.Calls);
    }

    /// <summary>What was checked is what is sent, whatever the guest makes of its memory meanwhile.</summary>
    [Fact]
    public void FramesAreCopiedOutOfTheGuestsMemory()
    {
        _world.Outside.Takes = false;
        _guest.Send(_frame);
        Assert.Equal(1, _guest.Done);
        _guest.Memory.Slice(_guest.SendBuffer(0), 200).Fill(0xFF);
        _world.Outside.Take(1);
        Assert.Equal([_frame], _world.Outside.Sent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ABrokenRingStopsTheDeviceUntilItsReset(int queue)
    {
        Driver.SetAvailableIndex(queue, 1000);
        Driver.Notify(queue);
        _world.Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router));
        _world.TakeInterrupts();
        Assert.Equal(15u | 64, Driver.Register(0x70));
        Assert.Equal(0, Driver.UsedIndex(queue));

        _guest.Boot();
        _guest.Send(_frame);
        Assert.Equal([_frame], _world.Outside.Sent);
        _world.Outside.Deliver(Frames.Ipv4(NetWorld.Mac(0), Frames.Router));
        _world.TakeInterrupts();
        Assert.Single(_guest.Received());
    }

    [Fact]
    public void AQueueThatTurnsBadWhileItWaitsStopsTheDevice()
    {
        _world.Outside.Takes = false;
        while (_guest.Offered - _guest.Done < NetGuest.Buffers) _guest.Send(_frame);
        Driver.SetAvailableIndex(1, 30_000);
        _world.Outside.Take(int.MaxValue);
        _world.TakeInterrupts();
        Assert.Equal(15u | 64, Driver.Register(0x70));
    }

    /// <summary>While frames wait: they are the old driver's, and forgotten.</summary>
    [Fact]
    public void AResetForgetsWhatWaits()
    {
        _world.Outside.Takes = false;
        while (_guest.Offered - _guest.Done < NetGuest.Buffers) _guest.Send(_frame);
        int under = _guest.Done;
        _guest.Boot();
        _world.Outside.Take(int.MaxValue);
        _world.TakeInterrupts();
        Assert.Equal(under, _world.Outside.Sent.Count);
        _world.Outside.Takes = true;
        _guest.Send(_frame);
        Assert.Equal(under + 1, _world.Outside.Sent.Count);
    }

    /// <summary>Many chains that share long tails cost a bounded number of descriptors a kick.</summary>
    [Fact]
    public void ChainsThatShareBuffersAreServedBitByBit()
    {
        const int size = 256;
        ulong table = Driver.Data, driverArea = table + 0x2000, deviceArea = table + 0x3000;
        _guest.Memory.Slice(table, 0x4000).Clear(); // every chain begins at descriptor 0
        for (int i = 0; i < size; i++)
        {
            Span<byte> descriptor = _guest.Memory.Slice(table + 16UL * (ulong)i, 16);
            BinaryPrimitives.WriteUInt64LittleEndian(descriptor, table);
            BinaryPrimitives.WriteUInt16LittleEndian(descriptor[12..], (ushort)(i < size - 1 ? Next : 0));
            BinaryPrimitives.WriteUInt16LittleEndian(descriptor[14..], (ushort)(i + 1));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_guest.Memory.Slice(driverArea + 2, 2), size);
        Driver.Negotiate(1UL << 32);
        Driver.Configure(1, size, table, driverArea, deviceArea);
        Driver.Register(0x44, 1);
        Driver.Register(0x70, 15);
        for (int i = 1; i < 5; i++)
        {
            Driver.Notify(1);
            Assert.Equal(i, BinaryPrimitives.ReadUInt16LittleEndian(_guest.Memory.Slice(deviceArea + 2, 2)));
        }
    }

    /// <summary>Whatever stands in one guest's rings: no exception, nothing in its neighbour's memory, and the neighbour goes on.</summary>
    [Fact]
    public void GarbageIsHarmless() => Prop.ForAll<int>(seed =>
    {
        Random garbage = new(seed);
        NetWorld world = new NetWorld(2).Boot();
        NetGuest bad = world.Guests[0], good = world.Guests[1];
        for (int round = 0; round < 60; round++)
        {
            for (int i = 0; i < 30; i++) bad.Memory.Bytes[garbage.Next(0x2000)] = (byte)garbage.Next(16);
            for (int queue = 0; queue < 2; queue++)
            {
                int length = garbage.Next(3) == 0 ? garbage.Next(0x1_0000) : garbage.Next(100);
                bad.Driver.Descriptor(queue, garbage.Next(8), bad.Memory.Address + (ulong)garbage.Next(-16, 0x1_8010), (uint)length, (ushort)garbage.Next(8), (ushort)garbage.Next(9));
                bad.Driver.SetAvailableIndex(queue, (ushort)(bad.Driver.UsedIndex(queue) + garbage.Next(3)));
                bad.Driver.Notify(queue);
            }

            world.Outside.Deliver(Frames.Arp(Frames.Broadcast, Frames.Router, Frames.Router));
            world.TakeInterrupts();
            if (good.Received().Count != 1) return false;
            good.Send(Frames.Ipv4(Frames.Router, NetWorld.Mac(1)));
            if (good.Offered != good.Done) return false;
            if ((bad.Driver.Register(0x70) & 64) != 0) bad.Boot();
        }

        return world.Outside.Sent.All(frame => frame[11] == 1 || frame.AsSpan(6, 6).SequenceEqual(Frames.Bytes(NetWorld.Mac(0))));
    }).QuickCheckThrowOnFailure();
}
