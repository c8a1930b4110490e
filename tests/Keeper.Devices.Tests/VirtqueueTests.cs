using System;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>A driver that lies, against the entropy device's queue.</summary>
public sealed class VirtqueueTests
{
    private const ushort Next = 1, Write = 2, Indirect = 4;

    private readonly ArrayMemory _memory = new(0x4000_0000, 0x1_0000);
    private readonly FakeRandom _random = new();
    private readonly VirtioEntropy _device;
    private readonly MockDriver _driver;

    public VirtqueueTests()
    {
        _device = new VirtioEntropy(_random, _memory, new FakeInterrupts().Line(0));
        _driver = new MockDriver(_device, _memory).Start(1);
    }

    [Fact]
    public void FillsTheBuffersOfAChainInOrder()
    {
        _driver.Descriptor(0, 2, _driver.Data, 3, Next | Write, 5);
        _driver.Descriptor(0, 5, _driver.Data + 0x100, 4, Write, 0);
        _driver.Offer(0, 2);
        Assert.Equal(1, _driver.UsedIndex(0));
        Assert.Equal((2u, 7u), _driver.Used(0, 0));
        Assert.Equal([0x5C, 0x5C, 0x5C, 0xA5], _memory.Slice(_driver.Data, 4).ToArray());
        Assert.Equal([0x5C, 0x5C, 0x5C, 0x5C, 0xA5], _memory.Slice(_driver.Data + 0x100, 5).ToArray());
    }

    [Fact]
    public void IndicesWrapAround()
    {
        for (int i = 0; i < 70_000; i++)
        {
            ushort head = (ushort)(i % MockDriver.QueueSize);
            _driver.Descriptor(0, head, _driver.Data, 1, Write, 0);
            _device.Tick();
            _driver.Offer(0, head);
            Assert.Equal((ushort)(i + 1), _driver.UsedIndex(0));
            Assert.Equal((head, 1u), _driver.Used(0, i % MockDriver.QueueSize));
        }
    }

    [Fact]
    public void AFullRingIsServedAtOnce()
    {
        for (ushort i = 0; i < MockDriver.QueueSize; i++)
        {
            _driver.Descriptor(0, i, _driver.Data, 1, Write, 0);
            _driver.Offer(0, i, notify: false);
        }

        _driver.Notify(0);
        Assert.Equal(MockDriver.QueueSize, _driver.UsedIndex(0));
    }

    [Fact]
    public void NoInterruptIsRespected()
    {
        _driver.SetNoInterrupt(0, true);
        _driver.Descriptor(0, 0, _driver.Data, 1, Write, 0);
        _driver.Offer(0, 0);
        Assert.Equal(1, _driver.UsedIndex(0));
        Assert.Equal(0u, _driver.Register(0x60));
    }

    [Fact]
    public void AnswersAreBounded()
    {
        _driver.Descriptor(0, 0, _driver.Data, 0x8000, Write, 0);
        _driver.Offer(0, 0);
        Assert.Equal((0u, 256u), _driver.Used(0, 0));
        Assert.Equal(256, _random.Taken);
    }

    [Fact]
    public void EmptyBuffersAreAllowed()
    {
        _driver.Descriptor(0, 0, _memory.Address + _memory.Size, 0, Write, 0);
        _driver.Offer(0, 0);
        Assert.Equal((0u, 0u), _driver.Used(0, 0));
        Assert.True(_device.IsLive);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(100)]
    [InlineData(0xFFFF)]
    [InlineData(0x8000)]
    public void IndexJumpsBreakTheQueue(int index)
    {
        _driver.Descriptor(0, 0, _driver.Data, 1, Write, 0); // what every slot of the ring offers
        _driver.SetAvailableIndex(0, (ushort)index);
        _driver.Notify(0);
        Broken();
    }

    [Theory]
    [InlineData(8)]
    [InlineData(0xFFFF)]
    public void HeadsOutsideTheTableBreakTheQueue(int head)
    {
        _driver.Offer(0, (ushort)head);
        Broken();
    }

    [Fact]
    public void NextOutsideTheTableBreaksTheQueue()
    {
        _driver.Descriptor(0, 0, _driver.Data, 1, Next | Write, 8);
        _driver.Offer(0, 0);
        Broken();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void LoopsBreakTheQueue(int back)
    {
        _driver.Descriptor(0, 0, _driver.Data, 1, Next | Write, 1);
        _driver.Descriptor(0, 1, _driver.Data, 1, Next | Write, (ushort)back);
        _driver.Offer(0, 0);
        Broken();
    }

    [Theory]
    [InlineData(0ul, 1u)]
    [InlineData(0x3FFF_FFFFul, 2u)]
    [InlineData(0x4000_FFFFul, 2u)]
    [InlineData(0x4001_0000ul, 1u)]
    [InlineData(0x4000_0000ul, 0x1_0001u)]
    [InlineData(0x4000_8000ul, uint.MaxValue)]
    [InlineData(0x4000_8000ul, 0x8000_0000u)]
    [InlineData(0x4000_8000ul, 0x7FFF_FFFFu)]
    [InlineData(ulong.MaxValue, 1u)]
    [InlineData(ulong.MaxValue, uint.MaxValue)]
    [InlineData(0xFFFF_FFFF_4000_0000ul, 16u)]
    public void BuffersOutsideMemoryBreakTheQueue(ulong address, uint length)
    {
        _driver.Descriptor(0, 0, address, length, Write, 0);
        _driver.Offer(0, 0);
        Broken();
    }

    /// <summary>Inside the memory, but no span is so long.</summary>
    [Theory]
    [InlineData(0x8000_0000u)]
    [InlineData(uint.MaxValue)]
    public void LengthsBeyond2GigabytesBreakTheQueue(uint length)
    {
        ArrayMemory memory = new(0x4000_0000, 0x1_0000, 1UL << 33);
        VirtioEntropy device = new(_random, memory, new FakeInterrupts().Line(0));
        MockDriver driver = new MockDriver(device, memory).Start(1);
        driver.Descriptor(0, 0, driver.Data, length, Write, 0);
        driver.Offer(0, 0);
        Assert.False(device.IsLive);
        Assert.Equal(0, _random.Taken);
    }

    [Fact]
    public void ReadableBehindWritableBreaksTheQueue()
    {
        _driver.Descriptor(0, 0, _driver.Data, 1, Next | Write, 1);
        _driver.Descriptor(0, 1, _driver.Data, 1, 0, 0);
        _driver.Offer(0, 0);
        Broken();
    }

    [Fact]
    public void IndirectTablesWereNotOffered()
    {
        _driver.Descriptor(0, 0, _driver.Data, 16, Indirect, 0);
        _driver.Offer(0, 0);
        Broken();
    }

    [Fact]
    public void ABrokenQueueStaysBrokenUntilReset()
    {
        _driver.Offer(0, 99);
        Broken();
        _driver.Descriptor(0, 0, _driver.Data, 1, Write, 0);
        _driver.Offer(0, 0);
        Broken();
    }

    /// <summary>Rings that overlap each other and the buffers.</summary>
    [Fact]
    public void OverlappingAreasAreTheGuestsOwnProblem()
    {
        _driver.Negotiate(1UL << 32);
        _driver.Configure(0, 8, _driver.Table(0), _driver.Table(0), _driver.Table(0));
        _driver.Register(0x44, 1);
        _driver.Register(0x70, 15);
        for (int i = 0; i < 1000; i++)
        {
            _driver.Descriptor(0, i % 8, _driver.Table(0), 128, Write, 0);
            _driver.Notify(0);
        }
    }

    /// <summary>Whatever stands in the rings: no exception, no endless loop, no byte outside.</summary>
    [Fact]
    public void GarbageIsHarmless() => Prop.ForAll<int>(seed =>
    {
        Random garbage = new(seed);
        ArrayMemory memory = new(0x4000_0000, 0x2000);
        ProfileConsole console = new(256, new FakeDoorbell());
        VirtioConsole device = new(console, memory, new FakeInterrupts().Line(0), 80, 24);
        MockDriver driver = new MockDriver(device, memory).Start(2);
        for (int round = 0; round < 20; round++)
        {
            foreach (byte _ in new byte[40]) memory.Bytes[garbage.Next(memory.Bytes.Length)] = (byte)garbage.Next(16);
            for (int queue = 0; queue < 2; queue++)
            {
                int i = garbage.Next(8);
                driver.Descriptor(queue, i, memory.Address + (ulong)garbage.Next(-16, 0x2010), (uint)garbage.Next(0x1800), (ushort)garbage.Next(4), (ushort)garbage.Next(9));
                driver.SetAvailableIndex(queue, (ushort)(round + garbage.Next(2)));
                driver.Notify(queue);
            }

            device.Receive("typed"u8);
            if (!device.IsLive) driver.Start(2);
        }

        return true;
    }).QuickCheckThrowOnFailure();

    private void Broken()
    {
        Assert.False(_device.IsLive);
        Assert.Equal(0, _driver.UsedIndex(0));
        Assert.Equal(0, _random.Taken);
    }
}
