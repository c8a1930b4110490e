using System;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>What becomes of a request while there are no random bytes.</summary>
public sealed class VirtioEntropyTests
{
    private const ushort Next = 1, Write = 2;

    private readonly ArrayMemory _memory = new(0x4000_0000, 0x1_0000);
    private readonly FakeInterrupts _interrupts = new();
    private readonly FakeRandom _random = new() { Available = 0 };
    private readonly VirtioEntropy _device;
    private readonly MockDriver _driver;

    public VirtioEntropyTests()
    {
        _device = new VirtioEntropy(_random, _memory, _interrupts.Line(17));
        _driver = new MockDriver(_device, _memory).Start(1);
    }

    [Fact]
    public void ARequestWaitsForBytesAndIsServedOnATick()
    {
        Ask(0, 8);
        _device.Tick();
        _driver.Notify(0);
        Assert.Equal(0, _driver.UsedIndex(0));
        Assert.False(_interrupts.Line(17).Level);

        _random.Available = 100;
        Assert.Equal(0, _driver.UsedIndex(0)); // nothing happens by itself
        _device.Tick();
        Assert.Equal(1, _driver.UsedIndex(0));
        Assert.Equal((0u, 8u), _driver.Used(0, 0));
        Assert.True(_interrupts.Line(17).Level);
        _device.Tick();
        Assert.Equal(1, _driver.UsedIndex(0)); // once
        Assert.Equal(8, _random.Taken);
    }

    [Fact]
    public void AFewBytesAreEnough()
    {
        _random.Available = 5;
        _driver.Descriptor(0, 0, _driver.Data, 3, Next | Write, 1);
        _driver.Descriptor(0, 1, _driver.Data + 0x100, 8, Next | Write, 2);
        _driver.Descriptor(0, 2, _driver.Data + 0x200, 8, Write, 0);
        _driver.Offer(0, 0);
        Assert.Equal((0u, 5u), _driver.Used(0, 0));
        Assert.Equal([0x5C, 0x5C, 0xA5], _memory.Slice(_driver.Data + 0x100, 3).ToArray());
        Assert.Equal(0xA5, _memory.Slice(_driver.Data + 0x200, 1)[0]);
    }

    [Fact]
    public void RequestsAreServedInTheirOrder()
    {
        for (ushort i = 0; i < 4; i++) Ask(i, 8);
        _random.Available = 20;
        _device.Tick();
        Assert.Equal(3, _driver.UsedIndex(0)); // 8, 8 and 4; the last waits on
        Assert.Equal((0u, 8u), _driver.Used(0, 0));
        Assert.Equal((2u, 4u), _driver.Used(0, 2));
        _random.Available = 20;
        _device.Tick();
        Assert.Equal((3u, 8u), _driver.Used(0, 3));
    }

    /// <summary>Nor by resets: one guest leaves something for the others.</summary>
    [Fact]
    public void NobodyGetsMoreThanItsShareBetweenTwoTicks()
    {
        _random.Available = int.MaxValue;
        for (int i = 0; i < 10; i++)
        {
            MockDriver driver = new MockDriver(_device, _memory).Start(1);
            driver.Descriptor(0, 0, driver.Data, 0x1000, Write, 0);
            driver.Offer(0, 0);
        }

        Assert.Equal(VirtioEntropy.BytesPerTick, _random.Taken);
        _device.Tick();
        Assert.Equal(2 * VirtioEntropy.BytesPerTick, _random.Taken);
    }

    [Fact]
    public void AResetForgetsWhoWaited()
    {
        Ask(0, 8);
        _device.Reset();
        _random.Available = 100;
        _device.Tick();
        Assert.Equal(0, _random.Taken);
    }

    [Fact]
    public void AStoppedQueueIsLeftAlone()
    {
        Ask(0, 8);
        _driver.Register(0x30, 0);
        _driver.Register(0x44, 0);
        _random.Available = 100;
        _device.Tick();
        Assert.Equal(0, _random.Taken);
    }

    /// <summary>A chain is checked when it is served, not only when it was offered.</summary>
    [Fact]
    public void AWaitingRequestThatTurnsBadBreaksTheQueue()
    {
        Ask(0, 8);
        _driver.Descriptor(0, 0, ulong.MaxValue, 8, Write, 0);
        _random.Available = 100;
        _device.Tick();
        Assert.False(_device.IsLive);
        Assert.Equal(0, _random.Taken);
    }

    private void Ask(ushort head, uint length)
    {
        _driver.Descriptor(0, head, _driver.Data + 0x100UL * head, length, Write, 0);
        _driver.Offer(0, head);
    }
}
