using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Drivers;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>A flash that stops answering while only guests wait for it.</summary>
public sealed class FlashFaultTests
{
    private const uint In = 0, FlushType = 4;

    private readonly ArrayMemory _shared = new(0x7000_0000, VirtioBlockDriver.MemoryBytes);
    private readonly ArrayMemory _guest = new(0x4000_0000, 0x1000);
    private readonly FakeFlash _flash = new(64);
    private readonly BlockClient _client = new();
    private readonly VirtioBlockDriver _driver;
    private int _tag;

    public FlashFaultTests()
    {
        _flash.With(_shared).With(_guest);
        _driver = VirtioBlockDriver.Start(_flash, _shared, new FakeClock());
        Assert.True(_driver.TryOpen(_client));
    }

    [Fact]
    public void ItIsResetAfterTenLooksWithoutAnAnswer()
    {
        Send(In);
        Look(9);
        Assert.False(_driver.IsBroken);
        Look(1);
        Assert.True(_driver.IsBroken);
        Assert.Equal(0, _client.InFlight);
        int[] done = new int[BlockClient.MaxRequests];
        Assert.Equal(1, _driver.Collect(_client, done));
        Assert.Equal(VirtioBlockFormat.IoError << 16, done[0]);
    }

    [Fact]
    public void AnAnswerToAnyoneBuysTime()
    {
        Send(In);
        Send(In);
        Look(9);
        _flash.Serve();
        Look(10);
        Assert.False(_driver.IsBroken);
        Look(1);
        Assert.True(_driver.IsBroken);
    }

    [Fact]
    public void AFlushAloneMayTakeLonger()
    {
        Send(FlushType);
        Look(29);
        Assert.False(_driver.IsBroken);
        Look(1);
        Assert.True(_driver.IsBroken);
    }

    [Fact]
    public void OneThatNobodyAsksMayBeSilent()
    {
        Look(100);
        Send(In);
        Look(9);
        Assert.False(_driver.IsBroken);
        _flash.Serve();
        Look(100);
        Assert.False(_driver.IsBroken);
    }

    private void Look(int times)
    {
        for (int i = 0; i < times; i++) _driver.Watch();
    }

    private void Send(uint type)
    {
        int slot = _driver.TryReserve(_client);
        if (type == In) _driver.AddSegment(slot, _guest.DeviceAddress(_guest.Address), 512, deviceWrites: true);
        _driver.Submit(slot, type, 0, _tag++);
        _driver.Kick();
    }
}
