using System;
using System.Buffers.Binary;
using System.Linq;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>A guest's disk with a driver that lies, or changes its mind while requests are under way.</summary>
public sealed class HostileDiskTests
{
    private const uint In = 0, Out = 1;
    private const ushort Next = 1, Write = 2, Indirect = 4;
    private const ulong IndirectFeature = 1UL << 28;
    private const ulong Buffer = 0x4008_0000;
    private const uint NeedsReset = 64;

    private readonly DiskWorld _world = new DiskWorld().Configure();
    private readonly MockDriver _driver;

    public HostileDiskTests()
    {
        _world.Flash.Eager = false;
        _driver = new MockDriver(_world.Disk, _world.Memory).Start(1, IndirectFeature | 1 << 9);
    }

    [Fact]
    public void ARequestWithoutHeaderNeedsAReset()
    {
        _driver.Descriptor(0, 0, Buffer, 15, Next, 1);
        _driver.Descriptor(0, 1, Buffer, 1, Write, 0);
        _driver.Offer(0, 0);
        Failed();
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(0u)]
    public void ARequestWithoutStatusNeedsAReset(uint more)
    {
        _driver.Descriptor(0, 0, Buffer, 16, Next, 1);
        _driver.Descriptor(0, 1, Buffer, more, 0, 0);
        _driver.Offer(0, 0);
        Failed();
    }

    [Theory]
    [InlineData(9)]
    [InlineData(0xFFFF)]
    public void IndexJumpsNeedAReset(int index)
    {
        Request(0, In, 0);
        _driver.SetAvailableIndex(0, (ushort)index);
        _driver.Notify(0);
        Failed();
    }

    /// <summary>The same chains again and again, without taking back what is done: no more than the ring can hold.</summary>
    [Fact]
    public void MoreChainsThanTheTableHasNeedAReset()
    {
        Request(0, In, 0);
        for (int i = 0; i < 8; i++) _driver.Offer(0, 0);
        Assert.Equal(8, _world.Flash.Pending.Count);
        Assert.True(_world.Disk.IsLive);
        _driver.Offer(0, 0);
        Failed(underWay: 8);
    }

    [Fact]
    public void TheSameChainTwiceIsDoneTwice()
    {
        Request(0, In, 3);
        _driver.Offer(0, 0);
        _driver.Offer(0, 0);
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(2, _driver.UsedIndex(0));
        Assert.Equal((0u, 513u), _driver.Used(0, 1));
    }

    [Theory]
    [InlineData(Indirect | Next)]          // "MUST NOT set both"
    [InlineData(Indirect | Next | Write)]
    public void AnIndirectTableEndsItsChain(int flags)
    {
        Request(1, In, 0);
        _driver.Descriptor(0, 0, _driver.Table(0) + 16, 48, (ushort)flags, 1);
        _driver.Offer(0, 0);
        Failed();
    }

    [Fact]
    public void IndirectTablesInsideIndirectTablesNeedAReset()
    {
        Table(Buffer, (Buffer + 0x1000, 48, Indirect, 0));
        Table(Buffer + 0x1000, (Buffer, 16, Next, 1), (Buffer, 512, Next | Write, 2), (Buffer, 1, Write, 0));
        _driver.Descriptor(0, 0, Buffer, 16, Indirect, 0);
        _driver.Offer(0, 0);
        Failed();
    }

    [Theory]
    [InlineData(0ul, 0u)]
    [InlineData(0ul, 8u)]
    [InlineData(0ul, 47u)]
    [InlineData(4ul, 48u)]                         // our loads need aligned ones
    [InlineData(0ul, 129u * 16)]
    [InlineData(0ul, 0xFFFF_FFF0u)]
    [InlineData(0x8_0000ul, 48u)]                  // the end of memory
    [InlineData(0x7_FFF0ul, 48u)]
    [InlineData(0xFFFF_FFFF_0000_0000ul, 48u)]
    public void ImpossibleIndirectTablesNeedAReset(ulong offset, uint length)
    {
        Table(Buffer, (Buffer + 0x1000, 16, Next, 1), (Buffer + 0x2000, 512, Next | Write, 2), (Buffer + 0x3000, 1, Write, 0));
        _driver.Descriptor(0, 0, Buffer + offset, length, Indirect, 0);
        _driver.Offer(0, 0);
        Failed();
    }

    [Theory]
    [InlineData(3, 1)]  // outside the table
    [InlineData(0, 1)]  // a loop
    public void ChainsThatLeaveTheirTableOrLoopNeedAReset(int next, int at)
    {
        Table(Buffer, (Buffer + 0x1000, 16, Next, 1), (Buffer + 0x1000, 512, Next, next), (Buffer + 0x3000, 1, Write, 0));
        _driver.Descriptor(0, at, Buffer, 48, Indirect, 0);
        _driver.Offer(0, (ushort)at);
        Failed();
    }

    [Fact]
    public void AnIndirectTableMayFollowOtherDescriptorsAndItsWriteFlagMeansNothing()
    {
        Request(0, In, 11);
        Table(Buffer + 0x1000, (Buffer, 512, Next | Write, 1), (Buffer + 0x800, 1, Write, 0));
        _driver.Descriptor(0, 1, Buffer + 0x1000, 32, Indirect | Write, 0);
        _driver.Offer(0, 0);
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(_world.Sector(11).ToArray(), _world.Memory.Slice(Buffer, 512).ToArray());
        Assert.Equal(0, _world.Memory.Slice(Buffer + 0x800, 1)[0]);
    }

    [Theory]
    [InlineData(0x3FFF_FF00ul, 512u)]
    [InlineData(0x400F_FF00ul, 512u)]
    [InlineData(0x7000_0000ul, 512u)]        // the keeper's
    [InlineData(0x9_4008_0000ul, 512u)]      // as the device sees it
    [InlineData(0xFFFF_FFFF_FFFF_FF00ul, 512u)]
    [InlineData(Buffer, 0x8000_0000u)]
    public void BuffersOutsideTheGuestNeedAReset(ulong address, uint length)
    {
        Request(0, In, 0);
        _driver.Descriptor(0, 1, address, length, Next | Write, 2);
        _driver.Offer(0, 0);
        Failed();
    }

    /// <summary>What was checked is what is done.</summary>
    [Fact]
    public void ChangesAfterTheCheckDoNothing()
    {
        byte[] before = _world.Flash.Disk.ToArray();
        Request(0, In, 5);
        _driver.Offer(0, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(_world.Memory.Slice(_driver.Data, 4), Out);
        BinaryPrimitives.WriteUInt64LittleEndian(_world.Memory.Slice(_driver.Data + 8, 8), 3500);
        _driver.Descriptor(0, 1, 0x7000_0000, 512, Next | Write, 2);
        _driver.Descriptor(0, 2, 0x7000_0000, 1, Write, 0);
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(before, _world.Flash.Disk);
        Assert.Equal(_world.Sector(5).ToArray(), _world.Memory.Slice(Buffer, 512).ToArray());
        Assert.Equal((0u, 513u), _driver.Used(0, 0));
        Assert.Equal(0, _world.Memory.Slice(_driver.Data + 16, 1)[0]);
        Assert.True(_world.Disk.IsLive);
    }

    /// <summary>Rings, chains and data may lie upon each other: what devices write into them harms this guest only.</summary>
    [Fact]
    public void ReadingOverItsOwnRingsIsTheGuestsOwnProblem()
    {
        Request(0, In, 0);
        _driver.Descriptor(0, 1, _driver.Table(0), 4096, Next | Write, 2);
        _driver.Offer(0, 0);
        _driver.Offer(0, 0);
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        for (int i = 0; i < 10; i++) _driver.Notify(0);
        _driver.Start(1, IndirectFeature | 1 << 9);
        Assert.True(_world.Disk.IsLive);
    }

    /// <summary>After a reset nothing reaches the ring or the memory any more, however far the requests were.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void AResetLeavesNothingUnderWay(int moment, bool byKeeper)
    {
        Request(0, In, 295, sectors: 8); // three parts
        _driver.Offer(0, 0);
        _driver.Offer(0, 0);
        if (moment > 0) _world.Flash.Serve();                      // one part is done,
        if (moment > 1) _world.Driver.Reap();                      // somebody knows,
        if (moment > 2 && _world.Disk.HasCompleted) _world.Disk.Complete(); // and so does the device

        if (byKeeper) _world.Disk.Reset();
        else _driver.Register(0x70, 0);
        Assert.Equal(0u, _driver.Register(0x70));
        Assert.Equal(0, _world.Disk.InFlight);
        Assert.False(_world.Flash.Touches(_world.Memory));
        Assert.False(_world.Driver.IsBroken);

        byte[] after = _world.Memory.Bytes.ToArray();
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        _world.Disk.Complete();
        Assert.Equal(after, _world.Memory.Bytes);

        _driver.Start(1, IndirectFeature | 1 << 9);
        Works();
    }

    /// <summary>The used ring moves while a request is under way: it is not written to the new one, nor to the old.</summary>
    [Fact]
    public void TakingTheQueueAwayForgetsItsRequests()
    {
        Request(0, In, 0);
        _driver.Offer(0, 0);
        _driver.Register(0x44, 0);
        Assert.Equal(0, _world.Disk.InFlight);
        _driver.Configure(0, 8, _driver.Table(0), _driver.DriverArea(0), _driver.DeviceArea(0) + 0x100);
        _driver.SetAvailableIndex(0, 0);
        _driver.Register(0x44, 1);
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(0, _driver.UsedIndex(0));
        Assert.True(_world.Disk.IsLive);
    }

    [Fact]
    public void AMistakeWhileOthersAreUnderWayEndsAllUntilTheReset()
    {
        Request(0, In, 0);
        _driver.Offer(0, 0);
        _driver.Offer(0, 99);
        Assert.Equal(15 | NeedsReset, _driver.Register(0x70));
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(0, _driver.UsedIndex(0));
        Assert.False(_world.Disk.HasCompleted); // nobody is called again and again
        _driver.Start(1, IndirectFeature | 1 << 9);
        Works();
    }

    /// <summary>A flash that hangs: the reset ends all the same, with the flash's own.</summary>
    [Fact]
    public void AResetEndsWithAFlashThatHangs()
    {
        _world.Clock.Meanwhile = () => { };
        _world.Clock.Step = 100_000_000;
        Request(0, In, 0);
        _driver.Offer(0, 0);
        _driver.Register(0x70, 0);
        Assert.Equal(0u, _driver.Register(0x70));
        Assert.Equal(0, _world.Disk.InFlight);
        Assert.Empty(_world.Flash.Pending);

        _driver.Start(1, IndirectFeature | 1 << 9);
        Request(0, In, 0);
        _driver.Offer(0, 0);
        _world.TakeInterrupt();
        Assert.Equal((0u, 513u), _driver.Used(0, 0));
        Assert.Equal(1, _world.Memory.Slice(_driver.Data + 16, 1)[0]);
    }

    /// <summary>Then its memory is lost to everybody else, and the device to its guest.</summary>
    [Fact]
    public void AFlashThatNothingStopsKeepsTheDeviceBusy()
    {
        _world.Clock.Meanwhile = () => { };
        _world.Clock.Step = 100_000_000;
        _world.Flash.IgnoresReset = true;
        Request(0, In, 0);
        _driver.Offer(0, 0);
        _world.Disk.Reset();
        Assert.Equal(1, _world.Disk.InFlight);
        Assert.Equal(NeedsReset, _driver.Register(0x70));
        Assert.False(_world.Disk.Configure(_world.Extents, 1, false, "x"u8));
        _driver.Start(1, IndirectFeature | 1 << 9);
        Assert.False(_world.Disk.IsLive);

        _world.Flash.IgnoresReset = false;
        _world.Disk.Reset();
        Assert.Equal(0, _world.Disk.InFlight);
        Assert.Equal(0u, _driver.Register(0x70));
    }

    [Fact]
    public void AnotherDiskReplacesTheOldOneWhileRequestsAreUnderWay()
    {
        Request(0, Out, 0);
        _driver.Offer(0, 0);
        Assert.True(_world.Disk.Configure(_world.Extents, 2, true, "other"u8));
        Assert.Equal(0, _world.Disk.InFlight);
        Assert.Equal(301ul, _world.Disk.Read(0x100, 8));
        _driver.Start(1, IndirectFeature | 1 << 9);
        Works();
    }

    // Descriptors 0 to 2, or on from the first: header and status in the driver's page, data in the buffer.
    private void Request(int first, uint type, ulong sector, int sectors = 1)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_world.Memory.Slice(_driver.Data, 4), type);
        BinaryPrimitives.WriteUInt64LittleEndian(_world.Memory.Slice(_driver.Data + 8, 8), sector);
        _driver.Descriptor(0, first, _driver.Data, 16, Next, (ushort)(first + 1));
        _driver.Descriptor(0, first + 1, Buffer, (uint)sectors * 512, type == In ? (ushort)(Next | Write) : Next, (ushort)(first + 2));
        _driver.Descriptor(0, first + 2, _driver.Data + 16, 1, Write, 0);
    }

    private void Table(ulong at, params (ulong Address, uint Length, int Flags, int Next)[] descriptors)
    {
        foreach ((ulong address, uint length, int flags, int next) in descriptors)
        {
            Span<byte> d = _world.Memory.Slice(at, 16);
            BinaryPrimitives.WriteUInt64LittleEndian(d, address);
            BinaryPrimitives.WriteUInt32LittleEndian(d[8..], length);
            BinaryPrimitives.WriteUInt16LittleEndian(d[12..], (ushort)flags);
            BinaryPrimitives.WriteUInt16LittleEndian(d[14..], (ushort)next);
            at += 16;
        }
    }

    private void Works()
    {
        MockDriver driver = new MockDriver(_world.Disk, _world.Memory).Start(1, IndirectFeature | 1 << 9);
        Request(0, In, 42);
        driver.Offer(0, 0);
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal((1, 0u, 513u), (driver.UsedIndex(0), driver.Used(0, 0).Id, driver.Used(0, 0).Length));
        Assert.Equal(_world.Sector(42).ToArray(), _world.Memory.Slice(Buffer, 512).ToArray());
    }

    private void Failed(int underWay = 0)
    {
        Assert.Equal(15 | NeedsReset, _driver.Register(0x70));
        Assert.Equal(underWay, _world.Flash.Pending.Count);
        _world.Flash.ServeAll();
        _world.TakeInterrupt();
        Assert.Equal(0, _driver.UsedIndex(0));
        _driver.Register(0x70, 0);
        Assert.Equal(0u, _driver.Register(0x70));
        Works();
    }
}
