using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Drivers;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>The flash driver against a device that is slow, out of order, or lies.</summary>
public sealed class VirtioBlockDriverTests
{
    private const uint In = 0, Out = 1;
    private const byte Ok = 0, IoError = 1;

    private readonly ArrayMemory _shared = new(0x7000_0000, VirtioBlockDriver.MemoryBytes);
    private readonly ArrayMemory _guest = new(0x4000_0000, 0x4_0000) { DeviceOffset = 0x9_0000_0000 };
    private readonly FakeClock _clock = new();
    private readonly FakeFlash _flash = new(4096);
    private VirtioBlockDriver _driver;

    public VirtioBlockDriverTests()
    {
        _flash.With(_shared).With(_guest);
        new Random(1).NextBytes(_flash.Disk);
        _driver = VirtioBlockDriver.Start(_flash, _shared, _clock);
        _clock.Meanwhile = () =>
        {
            if (_flash.Pending.Count != 0) _flash.Serve();
        };
    }

    [Fact]
    public void ReadsAndWritesWhatWasAsked()
    {
        byte[] data = new byte[300 * 512]; // more than its buffer
        Assert.True(_driver.TryRead(17, data));
        Assert.Equal(_flash.Disk.AsSpan(17 * 512, data.Length).ToArray(), data);

        new Random(2).NextBytes(data);
        byte[] before = _flash.Disk.ToArray();
        Assert.True(_driver.TryWrite(4096 - 300, data));
        Assert.Equal(data, _flash.Disk.AsSpan((4096 - 300) * 512).ToArray());
        Assert.Equal(before.AsSpan(0, (4096 - 300) * 512).ToArray(), _flash.Disk.AsSpan(0, (4096 - 300) * 512).ToArray());

        Assert.True(_driver.TryRead(5, _guest.DeviceAddress(_guest.Address + 0x200), 0x1_0000));
        Assert.Equal(_flash.Disk.AsSpan(5 * 512, 0x1_0000).ToArray(), _guest.Bytes.AsSpan(0x200, 0x1_0000).ToArray());

        Assert.True(_driver.TryFlush());
        Assert.Equal(4u, _flash.Done[^1].Type);
        Assert.Equal(4096ul, _driver.Sectors);
    }

    [Fact]
    public void RefusesWhatIsNotOnTheDevice()
    {
        byte[] data = new byte[1024];
        foreach (ulong sector in (ulong[])[4095, 4096, 4097, ulong.MaxValue, ulong.MaxValue - 1, 1UL << 55])
        {
            Assert.False(_driver.TryRead(sector, data));
            Assert.False(_driver.TryWrite(sector, data));
            Assert.False(_driver.TryZero(sector, 2));
        }

        Assert.False(_driver.TryRead(0, new byte[100]));
        Assert.False(_driver.TryZero(1, ulong.MaxValue));
        Assert.True(_driver.TryRead(4096, []));
        Assert.True(_driver.TryZero(4096, 0));
        Assert.Empty(_flash.Done);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ZeroesInPiecesThatTheDeviceTakes(bool knowsHow)
    {
        if (!knowsHow) _flash.Features &= ~FakeFlash.WriteZeroes;
        _flash.SetConfig(48, 100);
        _driver = VirtioBlockDriver.Start(_flash, _shared, _clock);
        byte[] expected = _flash.Disk.ToArray();
        expected.AsSpan(3 * 512, 1000 * 512).Clear();
        Assert.True(_driver.TryZero(3, 1000));
        Assert.Equal(expected, _flash.Disk);
        Assert.All(_flash.Done, r => Assert.Equal(knowsHow ? 13u : 1u, r.Type));
        Assert.Equal(knowsHow ? 10 : 8, _flash.Done.Count);
    }

    [Fact]
    public void AReadOnlyDeviceIsNotWritten()
    {
        _flash.Features |= FakeFlash.ReadOnly;
        _driver = VirtioBlockDriver.Start(_flash, _shared, _clock);
        Assert.True(_driver.IsReadOnly);
        Assert.True(_driver.TryRead(0, new byte[512]));
        Assert.False(_driver.TryWrite(0, new byte[512]));
        Assert.False(_driver.TryZero(0, 1));
        Assert.Single(_flash.Done);
    }

    [Fact]
    public void WithoutACacheThereIsNothingToFlush()
    {
        _flash.Features &= ~FakeFlash.Flush;
        _driver = VirtioBlockDriver.Start(_flash, _shared, _clock);
        Assert.True(_driver.TryFlush());
        Assert.Empty(_flash.Done);
    }

    [Fact]
    public void StartRefusesOtherDevices()
    {
        _flash.Features &= ~FakeFlash.Indirect;
        Assert.Null(VirtioBlockDriver.Start(_flash, _shared, _clock));
        _flash.Features |= FakeFlash.Indirect;
        _flash.DeviceId = 4;
        Assert.Null(VirtioBlockDriver.Start(_flash, _shared, _clock));
        Assert.Null(VirtioBlockDriver.Start(new ScriptedBus(_ => uint.MaxValue, (_, _) => { }), _shared, _clock));
    }

    [Theory]
    [InlineData((byte)1)]
    [InlineData((byte)2)]
    [InlineData((byte)3)]
    [InlineData((byte)0xFF)]
    public void AFailureIsNoSuccess(byte status)
    {
        _flash.Answer = _ => status;
        Assert.False(_driver.TryRead(0, new byte[512]));
        Assert.False(_driver.TryFlush());
        BlockClient client = Client();
        Send(client, In, 0, 1, 7);
        _driver.Kick();
        _flash.Serve();
        Reap();
        Assert.Equal([(7, status == 2 ? (byte)2 : IoError)], Collect(client));
        _flash.Answer = _ => 0;
        Assert.True(_driver.TryRead(0, new byte[512]));
    }

    [Fact]
    public void RequestsOfManyClientsEndInAnyOrderAndReachTheirOwn()
    {
        _clock.Meanwhile = () => { };
        BlockClient[] clients = [Client(), Client(), Client()];
        Random random = new(3);
        List<(int, byte)>[] expected = [[], [], []];
        for (int i = 0; i < 90; i++)
        {
            Send(clients[i % 3], In, (ulong)i, 1, i);
            expected[i % 3].Add((i, Ok));
        }

        Assert.Empty(_flash.Pending); // not told yet
        _driver.Kick();
        Assert.Equal(90, _flash.Pending.Count);
        Assert.Equal(1, _flash.Notifications);
        Assert.All(clients, c => Assert.Equal(30, c.InFlight));
        while (_flash.Pending.Count != 0)
        {
            _flash.Serve(random.Next(_flash.Pending.Count));
            if (random.Next(5) == 0) Reap();
        }

        Reap();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(0, clients[i].InFlight);
            Assert.True(clients[i].HasNews);
            Assert.Equal(expected[i].Order(), Collect(clients[i]).Order());
            Assert.False(clients[i].HasNews);
        }
    }

    [Fact]
    public void ScatteredMemoryIsTransferredInOrder()
    {
        BlockClient client = Client();
        int slot = _driver.TryReserve(client);
        int[] lengths = [1, 511, 100, 412, 1024];
        ulong at = _guest.DeviceAddress(_guest.Address);
        foreach (int length in lengths)
        {
            _driver.AddSegment(slot, at, length, deviceWrites: true);
            at += 0x1000;
        }

        _driver.Submit(slot, In, 9, 1);
        _driver.Kick();
        _flash.Serve();
        byte[] read = lengths.SelectMany((n, i) => _guest.Bytes.AsSpan(0x1000 * i, n).ToArray()).ToArray();
        Assert.Equal(_flash.Disk.AsSpan(9 * 512, 2048).ToArray(), read);
        Assert.Equal(0xA5, _guest.Bytes[1]);
    }

    /// <summary>Greedy clients leave every other one a slot, and hear when there is room again.</summary>
    [Fact]
    public void NoClientKeepsAnotherOut()
    {
        _clock.Meanwhile = () => { };
        BlockClient a = Client(), b = Client(), modest = Client(), late = Client();
        int sent = Fill(a) + Fill(b);
        Assert.Equal(BlockClient.MaxRequests, a.InFlight);
        Assert.Equal(125, sent); // of 127, for two more clients
        Assert.Equal(-1, _driver.TryReserve(b));
        Assert.Equal(1, Fill(modest));
        Assert.Equal(1, Fill(late));
        Assert.False(modest.HasNews);

        _driver.Kick();
        _flash.Serve();
        Reap();
        Assert.True(a.HasNews);
        Assert.True(modest.HasNews); // one slot is free
        Assert.Equal([(0, Ok)], Collect(a));
        Assert.Empty(Collect(modest));
        Assert.Equal(1, Fill(modest));
        Assert.Equal(2, modest.InFlight);
    }

    /// <summary>The keeper's own requests have a slot, and it reaps for all while it waits.</summary>
    [Fact]
    public void TheKeeperGetsThroughTheCrowd()
    {
        BlockClient a = Client(), b = Client();
        Fill(a);
        Fill(b);
        byte[] data = new byte[512];
        Assert.True(_driver.TryRead(1, data));
        Assert.Equal(_flash.Disk.AsSpan(512, 512).ToArray(), data);
        Assert.Equal((0, 0), (a.InFlight, b.InFlight));
        Assert.Equal((64, 63), (Collect(a).Count, Collect(b).Count));
    }

    /// <summary>Whoever waits takes answers from the ring, but core 0 still gets the interrupt to deliver them.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnswersTakenWhileWaitingKeepTheirInterrupt(bool events)
    {
        if (!events) _flash.Features &= ~FakeFlash.EventIndex;
        _driver = VirtioBlockDriver.Start(_flash, _shared, _clock);
        BlockClient client = Client();
        for (int i = 0; i < 5; i++)
        {
            Send(client, In, 0, 1, i);
            Assert.True(_driver.TryRead(1, new byte[512]));
            Assert.True(client.HasNews);
            Assert.Equal(1u, _flash.Interrupts);
            Reap();
            Assert.Equal(0u, _flash.Interrupts);
            Assert.Single(Collect(client));
        }
    }

    /// <summary>What is done while the driver asks for the next interrupt does not raise it, and is found all the same; what comes later interrupts.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public void NoInterruptIsLostWhileItIsAskedFor(int meanwhile)
    {
        _clock.Meanwhile = () => { };
        FakeFlash flash = new(64);
        int left = 0;
        WatchedMemory shared = new(VirtioBlockDriver.MemoryBytes, length =>
        {
            // The driver is about to write which index shall interrupt; the device still goes by the old one.
            if (length == 6 + 2 * 128 && left-- > 0) flash.Serve();
        });
        flash.With(shared.Memory).With(_guest);
        _driver = VirtioBlockDriver.Start(flash, shared, _clock);
        BlockClient client = Client();
        for (int i = 0; i < 20; i++) Send(client, In, 0, 1, i);
        _driver.Kick();
        flash.Serve();
        left = meanwhile;
        Reap();
        Assert.Equal(1 + meanwhile, Collect(client).Count);
        Assert.Equal(0u, flash.Interrupts);
        flash.ServeAll();
        Assert.Equal(1u, flash.Interrupts);
        Reap();
        Assert.Equal(19 - meanwhile, Collect(client).Count);
    }

    /// <summary>After an interrupt there is no other until somebody listens; who does hears of what was done meanwhile.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheFlashKeepsQuietUntilSomebodyListens(bool events)
    {
        if (!events) _flash.Features &= ~FakeFlash.EventIndex;
        _driver = VirtioBlockDriver.Start(_flash, _shared, _clock);
        _clock.Meanwhile = () => { };
        Assert.False(_driver.Listen()); // it does already
        BlockClient client = Client();
        for (int i = 0; i < 12; i++) Send(client, In, 0, 1, i);
        _driver.Kick();
        _flash.Serve();
        Assert.Equal(1, _flash.RaisedInterrupts);
        Assert.True(_driver.Reap());
        for (int i = 0; i < 5; i++) _flash.Serve();
        Assert.Equal(1, _flash.RaisedInterrupts);
        Assert.True(_driver.Reap());
        Assert.False(_driver.Reap());
        _flash.Serve();
        Assert.True(_driver.Listen());
        Assert.Equal(7, Collect(client).Count);
        Assert.False(_driver.Listen());
        _flash.ServeAll();
        Assert.True(_flash.RaisedInterrupts > 1);
    }

    /// <summary>The interrupt comes when half of the transfers is done; a flush, which may take long, is not waited for.</summary>
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 5, 1)]
    [InlineData(2, 0, 1)]
    [InlineData(3, 0, 2)]
    [InlineData(16, 0, 8)]
    [InlineData(16, 9, 8)]
    [InlineData(50, 0, 17)]
    public void AnInterruptWaitsForAFewMore(int transfers, int flushes, int done)
    {
        _clock.Meanwhile = () => { };
        BlockClient client = Client();
        for (int i = 0; i < transfers; i++) Send(client, In, 0, 1, i);
        for (int i = 0; i < flushes; i++) _driver.Submit(_driver.TryReserve(client), 4, 0, transfers + i);
        _driver.Kick();
        Reap();
        for (int i = 1; i < done; i++) _flash.Serve();
        Assert.Equal(0u, _flash.Interrupts);
        _flash.Serve();
        Assert.Equal(1u, _flash.Interrupts);
        _flash.ServeAll();
        Reap();
        Assert.Equal(transfers + flushes, Collect(client).Count);
    }

    /// <summary>One interrupt however many are done before somebody looks; none when nobody asked again.</summary>
    [Fact]
    public void InterruptsComeOncePerReap()
    {
        _clock.Meanwhile = () => { };
        BlockClient client = Client();
        for (int i = 0; i < 30; i++) Send(client, In, 0, 1, i);
        _driver.Kick();
        for (int i = 0; i < 10; i++) _flash.Serve();
        Assert.Equal(1, _flash.RaisedInterrupts);
        Reap();
        for (int i = 0; i < 10; i++) _flash.Serve();
        Assert.Equal(2, _flash.RaisedInterrupts);
    }

    [Fact]
    public void ADeviceThatStopsAnsweringIsResetAndEverythingFails()
    {
        _clock.Step = 1_000_000;
        BlockClient client = Client();
        Send(client, Out, 0, 1, 5);
        _driver.Kick();
        _clock.Meanwhile = () => { };
        ulong start = _clock.Time;
        int resets = _flash.Resets;
        Assert.False(_driver.TryRead(0, new byte[512]));
        Assert.InRange(_clock.Time - start, 1_000_000_000ul, 60_000_000_000ul);
        Assert.True(_driver.IsBroken);
        Assert.True(_flash.Resets > resets);
        Assert.Empty(_flash.Pending); // no access to anybody's memory any more
        Assert.Equal(0, client.InFlight);
        Assert.Equal([(5, IoError)], Collect(client));

        start = _clock.Time;
        Assert.False(_driver.TryRead(0, new byte[512]));
        Assert.False(_driver.TryZero(0, 1));
        Assert.False(_driver.TryFlush());
        Assert.True(_clock.Time - start < 1_000_000_000);
        Send(client, In, 0, 1, 6);
        _driver.Kick();
        Reap();
        Assert.Equal([(6, IoError)], Collect(client));
        Assert.True(_driver.TryDrain(client));
    }

    [Fact]
    public void DrainingWaitsAsLongAsThereIsProgress()
    {
        BlockClient client = Client(), other = Client();
        Fill(client);
        _clock.Step = 1_000_000_000;
        int looks = 0;
        _clock.Meanwhile = () =>
        {
            if (++looks % 4 == 0) _flash.Serve();
        };
        Assert.True(_driver.TryDrain(client));
        Assert.Equal(0, client.InFlight);
        Assert.False(client.HasNews);
        Assert.False(_driver.IsBroken);
        Assert.True(_driver.TryDrain(other));
    }

    [Fact]
    public void ADrainThatEndsInAResetLeavesNothingUnderWay()
    {
        _clock.Meanwhile = () => { };
        _clock.Step = 1_000_000;
        BlockClient client = Client();
        Fill(client);
        Assert.True(_driver.TryDrain(client));
        Assert.True(_driver.IsBroken);
        Assert.Empty(_flash.Pending);
    }

    /// <summary>Then memory is never given to anybody else.</summary>
    [Fact]
    public void WhatCannotEvenBeResetStaysUnderWay()
    {
        _clock.Meanwhile = () => { };
        _clock.Step = 1_000_000;
        _flash.IgnoresReset = true;
        BlockClient client = Client();
        Send(client, In, 0, 1, 1);
        Assert.False(_driver.TryDrain(client));
        Assert.Equal(1, client.InFlight);
        Assert.False(_driver.TryDrain(client));
        _flash.IgnoresReset = false;
        Assert.True(_driver.TryDrain(client));
        Assert.Equal(0, client.InFlight);
    }

    [Theory]
    [InlineData(5u)]            // was never offered
    [InlineData(128u)]
    [InlineData(uint.MaxValue)]
    public void ADeviceThatAnswersWhatNobodyAskedIsNotUsedAnyMore(uint id)
    {
        BlockClient client = Client();
        Send(client, In, 0, 1, 1);
        _driver.Kick();
        _flash.Use(id, 1);
        Reap();
        Assert.True(_driver.IsBroken);
        Assert.Equal([(1, IoError)], Collect(client));
    }

    [Fact]
    public void AnAnswerGivenTwiceCountsOnce()
    {
        BlockClient client = Client();
        Send(client, In, 0, 1, 1);
        Send(client, In, 0, 1, 2);
        _driver.Kick();
        ushort head = _flash.Pending[0].Head;
        _flash.Serve();
        _flash.Use(head, 1);
        Reap();
        Assert.True(_driver.IsBroken);
        Assert.Equal([(1, Ok), (2, IoError)], Collect(client).Order());
    }

    [Fact]
    public void ClientsComeAndGo()
    {
        List<BlockClient> clients = [];
        BlockClient next;
        while (_driver.TryOpen(next = new BlockClient())) clients.Add(next);
        Assert.Equal(127, clients.Count);
        foreach (BlockClient client in clients) Assert.Equal(1, Fill(client)); // each has its slot
        foreach (BlockClient client in clients) Assert.True(_driver.TryDrain(client));
        foreach (BlockClient client in clients) _driver.Close(client);
        Assert.Equal(BlockClient.MaxRequests, Fill(Client()));
    }

    private void Reap()
    {
        _driver.Reap();
        _driver.Listen();
    }

    private BlockClient Client()
    {
        BlockClient client = new();
        Assert.True(_driver.TryOpen(client));
        return client;
    }

    private void Send(BlockClient client, uint type, ulong sector, int sectors, int tag)
    {
        int slot = _driver.TryReserve(client);
        Assert.True(slot >= 0);
        _driver.AddSegment(slot, _guest.DeviceAddress(_guest.Address), sectors * 512, type == In);
        _driver.Submit(slot, type, sector, tag);
    }

    private int Fill(BlockClient client)
    {
        int count = 0;
        for (int slot; (slot = _driver.TryReserve(client)) >= 0; count++)
        {
            _driver.AddSegment(slot, _guest.DeviceAddress(_guest.Address), 512, deviceWrites: true);
            _driver.Submit(slot, In, 0, count);
        }

        return count;
    }

    private List<(int Tag, byte Status)> Collect(BlockClient client)
    {
        int[] done = new int[BlockClient.MaxRequests];
        int count = _driver.Collect(client, done);
        return done.Take(count).Select(d => (d & 0xFFFF, (byte)(d >> 16))).ToList();
    }

    private sealed class WatchedMemory(int bytes, Action<int> looked) : GuestMemory(0x7000_0000, (ulong)bytes)
    {
        public ArrayMemory Memory { get; } = new(0x7000_0000, bytes);

        protected override Span<byte> Window(ulong offset, int length)
        {
            looked(length);
            return Memory.Slice(Address + offset, length);
        }
    }
}
