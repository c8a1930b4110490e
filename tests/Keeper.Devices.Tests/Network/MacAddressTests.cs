using System.Collections.Generic;
using System.Text;
using Pocketvisor.Keeper.Network;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests.Network;

public sealed class MacAddressTests
{
    [Fact]
    public void TheFirstByteOnTheWireIsTheMostSignificant()
    {
        MacAddress mac = MacAddress.Read([0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66]);
        Assert.Equal(0x0211_2233_4455UL, mac.Bits);
        Assert.Equal(0x02, mac[0]);
        Assert.Equal(0x55, mac[5]);
        Assert.True(mac.Equals(new MacAddress(0xFFFF_0211_2233_4455)));
    }

    [Theory]
    [InlineData(0x0000_0000_0001ul, true, false)]
    [InlineData(0x0200_0000_0001ul, true, true)]
    [InlineData(0x0100_5E00_0001ul, false, false)]
    [InlineData(0x3333_0000_0001ul, false, true)]
    [InlineData(0xFFFF_FFFF_FFFFul, false, true)]
    [InlineData(0xFEFF_FFFF_FFFFul, true, true)]
    public void KindsOfAddresses(ulong bits, bool unicast, bool local)
    {
        Assert.Equal(unicast, new MacAddress(bits).IsUnicast);
        Assert.Equal(local, new MacAddress(bits).IsLocallyAdministered);
    }

    [Fact]
    public void NamesHaveAddressesOfTheirOwnThatStay()
    {
        HashSet<ulong> seen = [];
        for (int i = 0; i < 20_000; i++)
        {
            MacAddress mac = MacAddress.FromName(Encoding.ASCII.GetBytes($"work-{i}"));
            Assert.Equal(0x02, mac[0]);
            Assert.True(seen.Add(mac.Bits));
        }

        // Profiles keep them when they move to a handset with a newer keeper.
        Assert.Equal(0x02F6_3618_7D2DUL, MacAddress.FromName("work"u8).Bits);
        Assert.Equal(0x0225_666A_95DCUL, MacAddress.FromName("personal"u8).Bits);
    }
}
