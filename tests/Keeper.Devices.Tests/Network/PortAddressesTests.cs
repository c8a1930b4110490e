using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Network;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests.Network;

public sealed class PortAddressesTests
{
    private static readonly MacAddress A = NetWorld.Mac(0), B = NetWorld.Mac(1);

    private readonly FakeClock _clock = new();
    private readonly PortAddresses _ports;

    public PortAddressesTests() => _ports = new PortAddresses(3, _clock);

    [Fact]
    public void TwoOpenPortsNeverHaveTheSame()
    {
        Assert.True(_ports.TryOpen(0, A));
        Assert.False(_ports.TryOpen(1, A));
        Assert.False(_ports.IsOpen(1));
        Assert.True(_ports.TryOpen(1, B));
        Assert.True(_ports.TryOpen(0, A)); // its own
        _ports.Close(0);
        Assert.True(_ports.TryOpen(2, A));
        Assert.False(_ports.TryOpen(0, A));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(0xFFFF_FFFF_FFFFul)]
    [InlineData(0x0100_5E00_0001ul)]
    public void OnlyStationsHaveAddresses(ulong bits)
    {
        Assert.False(_ports.TryOpen(0, new MacAddress(bits)));
        Assert.False(_ports.Include(new MacAddress(bits)));
    }

    [Fact]
    public void AClosedPortIsRememberedForAWhile()
    {
        _clock.Time = ulong.MaxValue / 2;
        Assert.False(_ports.Include(A));
        _ports.TryOpen(0, A);
        Assert.True(_ports.Include(A));
        _ports.Close(0);
        Assert.False(_ports.IsOpen(0));
        Assert.True(_ports.Include(A));
        _clock.Time += PortAddresses.Echo / 2;
        _ports.Close(0); // does not begin again
        Assert.True(_ports.Include(A));
        _clock.Time += PortAddresses.Echo / 2;
        Assert.False(_ports.Include(A)); // it may be on another handset by now
        _ports.TryOpen(0, A);
        Assert.True(_ports.Include(A));
    }
}
