using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class Pl031Tests
{
    private readonly FakeInterrupts _interrupts = new();
    private readonly FakeClock _clock = new();
    private readonly Pl031 _rtc;

    public Pl031Tests() => _rtc = new Pl031(_clock, _interrupts.Line(2));

    [Fact]
    public void IdentifiesItself()
    {
        byte[] id = [0x31, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1];
        for (uint i = 0; i < 8; i++) Assert.Equal(id[i], _rtc.Read(0xFE0 + 4 * i, 4));
    }

    [Fact]
    public void TellsTheWallClock()
    {
        Assert.Equal(_clock.Wall, _rtc.Read(0, 4));
        _clock.Wall += 5;
        Assert.Equal(_clock.Wall, _rtc.Read(0, 4));
        Assert.Equal(1u, _rtc.Read(0x0C, 4));
    }

    [Fact]
    public void CanBeSetWithoutSettingTheHandsets()
    {
        _rtc.Write(8, 4, 1000);
        _clock.Wall += 7;
        Assert.Equal(1007u, _rtc.Read(0, 4));
        Assert.Equal(1000u, _rtc.Read(8, 4));
        _rtc.Reset();
        Assert.Equal(_clock.Wall, _rtc.Read(0, 4));
    }

    [Fact]
    public void AlarmRingsOnceAndUntilCleared()
    {
        _rtc.Write(0x10, 4, 1);
        _rtc.Write(4, 4, _clock.Wall + 10);
        _clock.Wall += 9;
        _rtc.Tick();
        Assert.Empty(_interrupts.Calls);
        _clock.Wall += 2;
        _rtc.Tick();
        Assert.Equal([(2, true)], _interrupts.Calls);
        Assert.Equal(1u, _rtc.Read(0x14, 4));
        Assert.Equal(1u, _rtc.Read(0x18, 4));
        _rtc.Write(0x1C, 4, 1);
        _rtc.Tick();
        Assert.Equal([(2, true), (2, false)], _interrupts.Calls);
    }

    [Fact]
    public void MaskedAlarmShowsOnlyInTheRawRegister()
    {
        _rtc.Write(4, 4, _clock.Wall);
        Assert.Equal(1u, _rtc.Read(0x14, 4));
        Assert.Equal(0u, _rtc.Read(0x18, 4));
        Assert.Empty(_interrupts.Calls);
    }
}
