using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class Pl061Tests
{
    private readonly FakeInterrupts _interrupts = new();
    private readonly Pl061 _gpio;

    public Pl061Tests() => _gpio = new Pl061(_interrupts.Line(7));

    [Fact]
    public void IdentifiesItself()
    {
        byte[] id = [0x61, 0x10, 0x04, 0x00, 0x0D, 0xF0, 0x05, 0xB1];
        for (uint i = 0; i < 8; i++) Assert.Equal(id[i], _gpio.Read(0xFE0 + 4 * i, 4));
    }

    [Fact]
    public void AddressChoosesTheLinesOfAnAccess()
    {
        _gpio.Write(0x400, 4, 0xF0);
        _gpio.Write(0x3FC, 4, 0xFF);
        Assert.Equal(0xF0u, _gpio.Read(0x3FC, 4)); // inputs are not driven
        _gpio.Write(0x10 << 2, 4, 0);
        Assert.Equal(0xE0u, _gpio.Read(0x3FC, 4));
        Assert.Equal(0x20u, _gpio.Read(0x30 << 2, 4));
    }

    /// <summary>What Linux's gpio-pl061 and gpio-keys do.</summary>
    [Fact]
    public void PowerButtonInterruptsOnBothEdges()
    {
        _gpio.Write(0x408, 4, 1 << 3);
        _gpio.Write(0x410, 4, 1 << 3);
        _gpio.Drive(Pl061.PowerButton, true);
        Assert.Equal(8u, _gpio.Read(0x418, 4));
        Assert.Equal(8u, _gpio.Read((1 << 3) << 2, 4));
        _gpio.Write(0x41C, 4, 8);
        _gpio.Drive(Pl061.PowerButton, false);
        Assert.Equal(8u, _gpio.Read(0x418, 4));
        Assert.Equal(0u, _gpio.Read((1 << 3) << 2, 4));
        _gpio.Write(0x41C, 4, 8);
        Assert.Equal([(7, true), (7, false), (7, true), (7, false)], _interrupts.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SingleEdgeIsTheOneAskedFor(bool rising)
    {
        _gpio.Write(0x40C, 4, rising ? 8u : 0);
        _gpio.Drive(3, true);
        Assert.Equal(rising ? 8u : 0, _gpio.Read(0x414, 4));
        _gpio.Write(0x41C, 4, 0xFF);
        _gpio.Drive(3, false);
        Assert.Equal(rising ? 0 : 8u, _gpio.Read(0x414, 4));
    }

    [Fact]
    public void LevelInterruptFollowsTheLine()
    {
        _gpio.Write(0x404, 4, 8);
        _gpio.Write(0x40C, 4, 8);
        _gpio.Write(0x410, 4, 8);
        _gpio.Drive(3, true);
        _gpio.Write(0x41C, 4, 8);
        Assert.Equal(8u, _gpio.Read(0x418, 4));
        _gpio.Drive(3, false);
        Assert.Equal([(7, true), (7, false)], _interrupts.Calls);
    }

    [Fact]
    public void LevelsLeaveNoEdgesBehind()
    {
        _gpio.Write(0x404, 4, 8);
        _gpio.Write(0x40C, 4, 8);
        _gpio.Drive(3, true);
        _gpio.Write(0x404, 4, 0);
        Assert.Equal(0u, _gpio.Read(0x414, 4));
    }

    [Fact]
    public void ResetForgetsEverything()
    {
        _gpio.Write(0x408, 4, 0xFF);
        _gpio.Write(0x410, 4, 0xFF);
        _gpio.Drive(3, true);
        _gpio.Reset();
        Assert.False(_interrupts.Line(7).Level);
        for (uint offset = 0; offset < 0x424; offset += 4) Assert.Equal(0u, _gpio.Read(offset, 4));
    }
}
