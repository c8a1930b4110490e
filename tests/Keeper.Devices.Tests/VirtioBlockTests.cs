using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Drivers;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>A guest's disk with a driver that keeps to the rules.</summary>
public sealed class VirtioBlockTests
{
    private const uint In = 0, Out = 1, Flush = 4, GetId = 8, Discard = 11, WriteZeroes = 13;
    private const byte Ok = 0, IoError = 1, Unsupported = 2;
    private const ulong Data = 0x4008_0000, AllFeatures = BlockGuest.Version1 | BlockGuest.Indirect | BlockGuest.EventIndex | BlockGuest.Flush;

    private readonly DiskWorld _world = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SaysWhatItIs(bool readOnly)
    {
        _world.Configure(readOnly);
        VirtioBlock disk = _world.Disk;
        Assert.Equal(2ul, disk.Read(0x08, 4));
        ulong features = disk.Read(0x10, 4);
        Assert.Equal(1ul << 2 | 1 << 6 | 1 << 9 | 1ul << 28 | 1ul << 29 | (readOnly ? 1ul << 5 : 1ul << 13 | 1 << 14), features);
        Assert.Equal(1000ul, disk.Read(0x100, 8));
        Assert.Equal(126ul, disk.Read(0x10C, 4));
        Assert.Equal(512ul, disk.Read(0x114, 4));
        Assert.Equal(1ul, disk.Read(0x128, 4));
        Assert.Equal(1ul, disk.Read(0x134, 4));
        Assert.Equal(1ul, disk.Read(0x138, 1));
        Assert.Equal(0ul, disk.Read(0x13C, 4));
        Assert.Equal(0ul, disk.Read(0x1FF, 1));
    }

    [Fact]
    public void IsAbsentUntilConfiguredAndAfterRemoval()
    {
        Assert.Equal(0ul, _world.Disk.Read(0x08, 4));
        _world.Configure();
        Assert.Equal(2ul, _world.Disk.Read(0x08, 4));
        for (int i = 0; i < 500; i++) _world.Configure(); // gives up what it had
        _world.Disk.Remove();
        Assert.Equal(0ul, _world.Disk.Read(0x08, 4));
        Assert.Equal(0ul, _world.Disk.Read(0x100, 4));
    }

    [Theory]
    [InlineData(4096ul, 1ul)]
    [InlineData(4095ul, 2ul)]
    [InlineData(0ul, 4097ul)]
    [InlineData(ulong.MaxValue, 2ul)]
    [InlineData(1ul, ulong.MaxValue)]
    public void ExtentsThatAreNotOnTheFlashAreRefused(ulong sector, ulong sectors)
    {
        Assert.False(_world.Disk.Configure([new Extent(0, 8), new Extent(sector, sectors)], 2, false, "x"u8));
        Assert.Equal(0ul, _world.Disk.Read(0x08, 4));
    }

    [Fact]
    public void ReadsAndWritesAcrossExtents()
    {
        BlockGuest guest = Start();
        byte[] before = _world.DiskBytes();
        Assert.Equal(Ok, Do(guest, In, 290, (Data, 24 * 512)));
        Assert.Equal(before.AsSpan(290 * 512, 24 * 512).ToArray(), _world.Memory.Slice(Data, 24 * 512).ToArray());
        Assert.Equal([(2290ul, 10L), (50ul, 1L), (3000ul, 13L)], _world.Flash.Done.Select(r => (r.Sector, r.Length / 512)));

        new Random(5).NextBytes(_world.Memory.Slice(Data, 24 * 512));
        Assert.Equal(Ok, Do(guest, Out, 790, (Data, 1000), (Data + 1000, 24 * 512 - 1000)));
        _world.Memory.Slice(Data, 24 * 512).CopyTo(before.AsSpan(790 * 512));
        Assert.Equal(before, _world.DiskBytes());
    }

    [Fact]
    public void TheWholeDiskAtOnce()
    {
        BlockGuest guest = Start(new DiskWorld(guestBytes: 0x20_0000).Configure(), out DiskWorld world);
        int head = guest.Send(In, 0, [.. Enumerable.Range(0, 125).Select(i => (Data + (ulong)(4096 * i), 4096))]);
        guest.Kick();
        world.TakeInterrupt();
        Assert.Equal([(head, 512_001u, Ok)], guest.Take());
        Assert.Equal(world.DiskBytes(), world.Memory.Slice(Data, 512_000).ToArray());
    }

    [Theory]
    [InlineData(1000ul, 512)]
    [InlineData(999ul, 1024)]
    [InlineData(1001ul, 0)]
    [InlineData(ulong.MaxValue, 512)]
    [InlineData(1ul << 63, 512)]
    [InlineData(1ul << 55, 512)]
    [InlineData(0ul, 511)]
    [InlineData(0ul, 513)]
    public void WhatIsNotOnTheDiskFails(ulong sector, int bytes)
    {
        BlockGuest guest = Start();
        byte[] before = _world.DiskBytes();
        foreach (uint type in (uint[])[In, Out])
            Assert.Equal(IoError, bytes == 0 ? Do(guest, type, sector) : Do(guest, type, sector, (Data, bytes)));
        Assert.Empty(_world.Flash.Done);
        Assert.Equal(before, _world.DiskBytes());
        Assert.True(_world.Disk.IsLive);
    }

    [Fact]
    public void NothingIsADoneRequest()
    {
        BlockGuest guest = Start();
        Assert.Equal(Ok, Do(guest, In, 1000));
        Assert.Equal(Ok, Do(guest, Out, 3, (Data, 0), (_world.Memory.Address, 0)));
        Assert.Empty(_world.Flash.Done);
    }

    [Fact]
    public void AReadOnlyDiskIsNotWritten()
    {
        _world.Configure(readOnly: true);
        BlockGuest guest = new(_world.Disk, _world.Memory, _world.Memory.Address, 16, AllFeatures);
        byte[] before = _world.Flash.Disk.ToArray();
        Assert.Equal(IoError, Do(guest, Out, 0, (Data, 512)));
        Assert.Equal(IoError, DoRange(guest, Discard, 0, 1, 0));
        Assert.Equal(IoError, DoRange(guest, WriteZeroes, 0, 1, 0));
        Assert.Equal(Ok, Do(guest, Flush, 0));
        Assert.Equal(Ok, Do(guest, In, 0, (Data, 512)));
        Assert.Equal(before, _world.Flash.Disk);
    }

    [Fact]
    public void FlushReachesTheFlash()
    {
        BlockGuest guest = Start();
        Assert.Equal(Ok, Do(guest, Flush, 0));
        Assert.Equal([Flush], _world.Flash.Done.Select(r => r.Type));
    }

    /// <summary>"Writethrough": each write of a driver that cannot flush is flushed before it is done.</summary>
    [Fact]
    public void WithoutFlushWritesAreDoneWhenTheyAreSafe()
    {
        _world.Configure();
        BlockGuest guest = new(_world.Disk, _world.Memory, _world.Memory.Address, 16, BlockGuest.Version1);
        _world.Flash.Eager = false;
        guest.Send(Out, 299, (Data, 1024)); // two parts
        guest.Send(In, 0, (Data, 512));
        guest.Kick();
        Assert.Equal([Out, Out], _world.Flash.Pending.Select(r => r.Type));
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Empty(guest.Take());
        Assert.Equal([Flush, In], _world.Flash.Pending.Select(r => r.Type));
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(2, guest.Take().Count);
    }

    [Fact]
    public void UnknownTypesAreUnsupported()
    {
        BlockGuest guest = Start();
        foreach (uint type in (uint[])[2, 3, 5, 9, 14, 0x8000_0000, 0x8000_0001, uint.MaxValue])
            Assert.Equal(Unsupported, Do(guest, type, 0, (Data, 512)));
        Assert.Empty(_world.Flash.Done);
    }

    [Theory]
    [InlineData(20, "root.img")]
    [InlineData(64, "root.img")]
    [InlineData(4, "root")]
    public void TheIdIsTheFilesName(int room, string id)
    {
        BlockGuest guest = Start();
        Assert.Equal(Ok, Do(guest, GetId, 0, (Data, 3), (Data + 0x100, room - 3)));
        byte[] answer = [.. _world.Memory.Slice(Data, 3), .. _world.Memory.Slice(Data + 0x100, room - 3)];
        Assert.Equal(id, Encoding.ASCII.GetString(answer, 0, Math.Min(room, 20)).TrimEnd('\0'));
        Assert.All(answer.Skip(20), b => Assert.Equal(0xA5, b));
    }

    [Theory]
    [InlineData(Discard, 0u, Ok)]
    [InlineData(Discard, 1u, Unsupported)]
    [InlineData(WriteZeroes, 0u, Ok)]
    [InlineData(WriteZeroes, 1u, Ok)]
    [InlineData(WriteZeroes, 2u, Unsupported)]
    [InlineData(WriteZeroes, 0x8000_0001u, Unsupported)]
    public void RangesStayInsideTheFile(uint type, uint flags, byte status)
    {
        BlockGuest guest = Start();
        byte[] expected = _world.Flash.Disk.ToArray();
        Assert.Equal(status, DoRange(guest, type, 250, 500, flags));
        if (status == Ok)
        {
            foreach ((int first, int count) in ((int, int)[])[(2250, 50), (50, 1), (3000, 449)]) expected.AsSpan(512 * first, 512 * count).Clear();
            Assert.All(_world.Flash.Done, r => Assert.Equal(flags, r.Flags));
        }

        Assert.Equal(expected, _world.Flash.Disk);
        foreach ((ulong sector, uint count) in ((ulong, uint)[])[(1000, 1), (999, 2), (0, 1001), (0, uint.MaxValue), (ulong.MaxValue, 2)])
            Assert.Equal(flags is 0 || status == Ok ? IoError : Unsupported, DoRange(guest, type, sector, count, flags));
        Assert.Equal(expected, _world.Flash.Disk);
    }

    [Fact]
    public void RangesOfAnotherSizeFail()
    {
        BlockGuest guest = Start();
        foreach (int bytes in (int[])[1, 15, 17, 32])
            Assert.Equal(IoError, Do(guest, Discard, 0, (Data, bytes)));
        Assert.Equal(IoError, Do(guest, WriteZeroes, 0));
        Assert.Empty(_world.Flash.Done);
    }

    [Fact]
    public void WhatTheFlashCannotIsNotOffered()
    {
        DiskWorld world = new DiskWorld(FakeFlash.SegMax | FakeFlash.Indirect | FakeFlash.Version1).Configure();
        Assert.Equal(0ul, world.Disk.Read(0x10, 4) & (1 << 13 | 1 << 14));
        BlockGuest guest = Start(world, out _);
        Assert.Equal(Unsupported, DoRange(guest, Discard, 0, 1, 0, world));
        Assert.Equal(Unsupported, DoRange(guest, WriteZeroes, 0, 1, 0, world));
        Assert.Equal(Ok, Do(world, guest, Flush, 0)); // nothing is cached
        Assert.Empty(world.Flash.Done);
    }

    [Theory]
    [InlineData((byte)1, IoError)]
    [InlineData((byte)2, Unsupported)]
    [InlineData((byte)77, IoError)]
    public void AFailureOfAnyPartIsTheRequests(byte answer, byte status)
    {
        BlockGuest guest = Start();
        _world.Flash.Answer = r => r.Sector == 50 ? answer : (byte)0;
        Assert.Equal(status, Do(guest, In, 290, (Data, 24 * 512)));
        _world.Flash.Answer = _ => 0;
        Assert.Equal(Ok, Do(guest, In, 290, (Data, 24 * 512)));
    }

    /// <summary>Not each guest has a header, data and status in buffers of their own: "the device MUST NOT make assumptions about the particular arrangement".</summary>
    [Fact]
    public void HeaderDataAndStatusMayShareBuffersOrBeInPieces()
    {
        _world.Configure();
        MockDriver driver = new MockDriver(_world.Disk, _world.Memory).Start(1);
        Header(driver.Data, In, 7);
        driver.Descriptor(0, 0, driver.Data, 5, 1, 1);
        driver.Descriptor(0, 1, driver.Data, 0, 1, 2);
        driver.Descriptor(0, 2, driver.Data + 5, 11, 1, 3);
        driver.Descriptor(0, 3, Data, 300, 3, 4);
        driver.Descriptor(0, 4, Data + 300, 213, 3, 5); // 212, and the status
        driver.Descriptor(0, 5, Data, 0, 2, 0);
        driver.Offer(0, 0);
        _world.TakeInterrupt();
        Assert.Equal((0u, 513u), driver.Used(0, 0));
        Assert.Equal(_world.Sector(7).ToArray(), _world.Memory.Slice(Data, 512).ToArray());
        Assert.Equal(Ok, _world.Memory.Slice(Data + 512, 1)[0]);

        Header(driver.Data, Out, 8);
        driver.Descriptor(0, 6, driver.Data, 16 + 512, 1, 7);
        driver.Descriptor(0, 7, Data, 1, 2, 0);
        driver.Offer(0, 6);
        _world.TakeInterrupt();
        Assert.Equal((6u, 1u), driver.Used(0, 1));
        Assert.Equal(_world.Memory.Slice(driver.Data + 16, 512).ToArray(), _world.Sector(8).ToArray());
    }

    [Fact]
    public void MoreSegmentsThanAnnouncedFail()
    {
        _world.Flash.SetConfig(12, 3);
        DiskWorld world = new();
        world.Flash.SetConfig(12, 3);
        VirtioBlockDriver driver = VirtioBlockDriver.Start(world.Flash, world.Shared, world.Clock);
        VirtioBlock disk = new(driver, world.Memory, world.Interrupts.Line(1));
        Assert.True(disk.Configure(world.Extents, world.Extents.Length, false, "x"u8));
        Assert.Equal(3ul, disk.Read(0x10C, 4));
        BlockGuest guest = new(disk, world.Memory, world.Memory.Address, 16, AllFeatures);
        guest.Send(In, 0, (Data, 512), (Data, 512), (Data, 512));
        guest.Send(In, 0, (Data, 512), (Data, 512), (Data, 512), (Data, 512));
        guest.Kick();
        driver.Reap();
        disk.Complete();
        Assert.Equal([(1, IoError), (0, Ok)], guest.Take().Select(r => (15 - r.Head, r.Status)));
    }

    [Fact]
    public void RequestsEndInAnyOrder()
    {
        BlockGuest guest = Start();
        _world.Flash.Eager = false;
        List<int> heads = [];
        for (int i = 0; i < 10; i++) heads.Add(guest.Send(In, (ulong)(i * 10), (Data + (ulong)(0x1000 * i), 512)));
        guest.Kick();
        Assert.Equal((1, 10), (_world.Flash.Notifications, _world.Flash.Pending.Count));
        _world.Flash.Serve(7);
        _world.Flash.Serve(2);
        _world.TakeInterrupt();
        Assert.Equal([(heads[7], 513u, Ok), (heads[2], 513u, Ok)], guest.Take());
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(8, guest.Take().Count);
        for (int i = 0; i < 10; i++) Assert.Equal(_world.Sector((ulong)(i * 10)).ToArray(), _world.Memory.Slice(Data + (ulong)(0x1000 * i), 512).ToArray());
    }

    /// <summary>Everything the ring holds, though the flash takes fewer at a time: the rest follows as others end.</summary>
    [Fact]
    public void MoreThanTheDriverTakesWaits()
    {
        DiskWorld world = new DiskWorld(guestBytes: 0x20_0000).Configure();
        BlockGuest guest = new(world.Disk, world.Memory, world.Memory.Address, 128, AllFeatures);
        world.Flash.Eager = false;
        for (int i = 0; i < 128; i++) Assert.True(guest.Send(In, 295, (Data + 0x6_0000, 10 * 512)) >= 0); // three parts each
        guest.Kick();
        Assert.Equal(64, world.Flash.Pending.Count);
        int done = 0;
        while (world.Flash.Pending.Count != 0)
        {
            world.Flash.Serve(world.Flash.Pending.Count / 2);
            world.TakeInterrupt();
            done += guest.Take().Count;
        }

        Assert.Equal(128, done);
        Assert.Equal(1, guest.Notifications);
    }

    [Fact]
    public void EventIndicesSaveInterruptsAndNotifications()
    {
        BlockGuest guest = Start();
        _world.Flash.Eager = false;
        for (int i = 0; i < 8; i++) guest.Send(In, 0, (Data, 512));
        guest.Kick();
        for (int i = 0; i < 8; i++)
        {
            _world.Flash.Serve();
            _world.TakeInterrupt();
        }

        // The guest did not look meanwhile, so it heard once.
        Assert.Equal([(DiskWorld.Interrupt, true)], _world.Interrupts.Calls);
        guest.Take();
        guest.Send(In, 0, (Data, 512));
        guest.Kick();
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(3, _world.Interrupts.Calls.Count);
    }

    /// <summary>Random requests, at random depths and orders, against an array of bytes.</summary>
    [Fact]
    public void IsWhatAnArrayOfBytesIs() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        DiskWorld world = new DiskWorld().Configure();
        world.Flash.Eager = random.Next(2) == 0;
        ulong features = BlockGuest.Version1 | BlockGuest.Flush | (random.Next(2) == 0 ? BlockGuest.Indirect : 0) | (random.Next(2) == 0 ? BlockGuest.EventIndex : 0);
        BlockGuest guest = new(world.Disk, world.Memory, world.Memory.Address, 32, features);
        byte[] model = world.DiskBytes();
        Dictionary<int, (ulong At, byte[] Expected)> reads = [];
        HashSet<int> busy = []; // sectors of requests under way: their order is nobody's promise
        List<(int Head, int First, int Count, int Slot)> underWay = [];
        Stack<int> slots = new(Enumerable.Range(0, 16));
        bool right = true;

        for (int step = 0; step < 300 || underWay.Count != 0 && step < 3000; step++)
        {
            int first = random.Next(DiskWorld.DiskSectors), count = random.Next(1, Math.Min(40, DiskWorld.DiskSectors - first + 1));
            bool free = !Enumerable.Range(first, count).Any(busy.Contains);
            if (step < 300 && random.Next(3) != 0 && free && slots.Count != 0)
            {
                int slot = slots.Pop();
                ulong at = Data + (ulong)(slot * 0x5000 + random.Next(64));
                (ulong, int)[] pieces = Pieces(random, at, count * 512);
                uint type = (uint)random.Next(2);
                int head = guest.Send(type, (ulong)first, pieces);
                if (head < 0)
                {
                    slots.Push(slot);
                    continue;
                }

                Span<byte> memory = world.Memory.Slice(at, count * 512), sectors = model.AsSpan(first * 512, count * 512);
                random.NextBytes(memory);
                if (type == Out) memory.CopyTo(sectors);
                else reads[head] = (at, sectors.ToArray());
                busy.UnionWith(Enumerable.Range(first, count));
                underWay.Add((head, first, count, slot));
            }

            if (random.Next(4) == 0) guest.Kick();
            if (world.Flash.Pending.Count != 0 && random.Next(2) == 0) world.Flash.Serve(random.Next(world.Flash.Pending.Count));
            if (random.Next(3) == 0) world.TakeInterrupt();
            foreach ((int head, uint written, byte status) in guest.Take())
            {
                var (_, f, c, slot) = underWay.Single(r => r.Head == head);
                underWay.RemoveAll(r => r.Head == head);
                busy.ExceptWith(Enumerable.Range(f, c));
                slots.Push(slot);
                right &= status == Ok;
                if (reads.Remove(head, out (ulong At, byte[] Expected) read))
                    right &= written == c * 512 + 1 && world.Memory.Slice(read.At, read.Expected.Length).SequenceEqual(read.Expected);
            }
        }

        return right && underWay.Count == 0 && world.DiskBytes().AsSpan().SequenceEqual(model);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void ExtentsAreFoundWhereverTheyAre() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        Extent[] extents = new Extent[random.Next(1, 700)];
        for (int i = 0; i < extents.Length; i++) extents[i] = new Extent((ulong)random.Next(100_000), (ulong)random.Next(30));
        DiskExtents map = new();
        bool right = map.TrySet(extents, extents.Length, 200_000);
        ulong sector = 0;
        foreach (Extent extent in extents)
        {
            for (ulong i = 0; i < extent.Sectors; i++)
                right &= map.Find(sector++, out ulong run) == extent.Sector + i && run == extent.Sectors - i;
        }

        return right && map.Sectors == sector;
    }).QuickCheckThrowOnFailure();

    private static (ulong, int)[] Pieces(Random random, ulong address, int bytes)
    {
        List<(ulong, int)> pieces = [];
        while (bytes != 0)
        {
            int n = pieces.Count == 5 ? bytes : Math.Min(bytes, random.Next(6000));
            pieces.Add((address, n));
            address += (ulong)n;
            bytes -= n;
        }

        return [.. pieces];
    }

    private BlockGuest Start() => Start(_world.Configure(), out _);

    private static BlockGuest Start(DiskWorld world, out DiskWorld same)
    {
        same = world;
        return new BlockGuest(world.Disk, world.Memory, world.Memory.Address, 16, AllFeatures & (world.Disk.Read(0x10, 4) | BlockGuest.Version1));
    }

    private byte Do(BlockGuest guest, uint type, ulong sector, params (ulong, int)[] data) => Do(_world, guest, type, sector, data);

    private static byte Do(DiskWorld world, BlockGuest guest, uint type, ulong sector, params (ulong, int)[] data)
    {
        int head = guest.Send(type, sector, data);
        guest.Kick();
        world.TakeInterrupt();
        (int Head, uint Written, byte Status) done = Assert.Single(guest.Take());
        Assert.Equal(head, done.Head);
        return done.Status;
    }

    private byte DoRange(BlockGuest guest, uint type, ulong sector, uint count, uint flags, DiskWorld world = null)
    {
        Span<byte> range = (world ?? _world).Memory.Slice(Data, 16);
        BinaryPrimitives.WriteUInt64LittleEndian(range, sector);
        BinaryPrimitives.WriteUInt32LittleEndian(range[8..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(range[12..], flags);
        return Do(world ?? _world, guest, type, 0, (Data, 16));
    }

    private void Header(ulong address, uint type, ulong sector)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_world.Memory.Slice(address, 4), type);
        BinaryPrimitives.WriteUInt64LittleEndian(_world.Memory.Slice(address + 8, 8), sector);
    }
}
