using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>Both phones on the network of one handset, with an outside that sends back whatever it gets.</summary>
public sealed class PhonesOnANetwork : IAsyncLifetime
{
    public const string PersonalAddress = "02:00:00:00:00:01", WorkAddress = "02:00:00:00:00:02", OutsideAddress = "02:00:00:00:00:99";

    public Outside Outside { get; } = new() { Reflects = true };

    public Handset Handset { get; private set; }

    public async Task InitializeAsync()
    {
        Handset = await Boots.StartAsync(
            2, [.. Boots.Debian("personal", 1, mac: PersonalAddress), .. Boots.Debian("work", 1, mac: WorkAddress)], network: Outside.Backend);
        await Handset.ShellAsync("personal");
        await Handset.ShellAsync("work");
        await Handset.AskAsync("personal", "ip link set eth0 up && ip address add 10.9.0.1/24 dev eth0");
        await Handset.AskAsync("work", "ip link set eth0 up && ip address add 10.9.0.2/24 dev eth0");
    }

    public async Task DisposeAsync()
    {
        if (Handset is not null) await Handset.DisposeAsync();
        Outside.Dispose();
    }
}

/// <summary>No frame of one profile reaches another, whatever Linux is told to send.</summary>
public sealed class NetworkIsolationTests(PhonesOnANetwork network) : IClassFixture<PhonesOnANetwork>
{
    private const string Personal = PhonesOnANetwork.PersonalAddress, Work = PhonesOnANetwork.WorkAddress, Far = PhonesOnANetwork.OutsideAddress;

    private readonly Handset _handset = network.Handset;
    private readonly Outside _outside = network.Outside;

    [Theory]
    [InlineData("personal", "work", Work, "10.9.0.2")]
    [InlineData("work", "personal", Personal, "10.9.0.1")]
    public async Task NothingCrosses(string from, string to, string itsAddress, string itsIp)
    {
        long before = await ReceivedAsync(to);
        int left = _outside.Frames.Count;
        string[] attempts =
        [
            $"ping -c 2 -W 1 {itsIp}",                                                              // ARP by broadcast
            $"ip neighbour replace {itsIp} lladdr {itsAddress} dev eth0; ping -c 2 -W 1 {itsIp}",     // straight to its MAC
            "ping -c 2 -W 1 -b 10.9.0.255",                                                          // broadcast
            "ping6 -c 2 -W 1 ff02::1%eth0",                                                          // every node: multicast
            $"ip -6 neighbour replace fe80::1234 lladdr {itsAddress} dev eth0; ping6 -c 2 -W 1 fe80::1234%eth0",
            "ping6 -c 2 -W 1 fe80::ff:fe00:2%eth0",                                                  // neighbour discovery
            $"arping -c 2 -w 2 -I eth0 {itsIp}",
            $"arping -U -c 2 -w 2 -I eth0 10.9.0.77",                                                // unsolicited
        ];
        foreach (string attempt in attempts) await _handset.Console(from).RunAsync(attempt, TimeSpan.FromSeconds(30));
        Assert.True(_outside.Frames.Count > left, "nothing left the handset, so nothing was tried");
        await Task.Delay(500);
        Assert.Equal(before, await ReceivedAsync(to));
    }

    /// <summary>With its neighbour's address, and with one that nobody has.</summary>
    [Theory]
    [InlineData("personal", Personal, Work, 1)]
    [InlineData("personal", Personal, "02:00:00:00:00:55", 1)]
    [InlineData("work", Work, Personal, 2)]
    public async Task NobodySendsFromAnAddressThatIsNotItsOwn(string from, string own, string other, byte host)
    {
        byte[] its = [10, 9, 0, host]; // in its ARP requests, and in nobody else's frames; the neighbour may well send from its own address
        int left = _outside.Frames.Count;
        try
        {
            await _handset.AskAsync(from, $"ip link set eth0 down && ip link set eth0 address {other} && ip link set eth0 up");
            await _handset.Console(from).RunAsync("ping -c 2 -W 1 10.9.0.50; ping6 -c 2 -W 1 ff02::1%eth0", TimeSpan.FromSeconds(30));
            Assert.DoesNotContain(_outside.Frames.Skip(left), frame => frame.AsSpan(6, 6).SequenceEqual(Outside.Bytes(other)) && frame.AsSpan().IndexOf(its) >= 0);
        }
        finally
        {
            await _handset.AskAsync(from, $"ip link set eth0 down && ip link set eth0 address {own} && ip link set eth0 up");
        }

        // With its own address it gets out, so the attempt would have shown.
        await _handset.Console(from).RunAsync("ping -c 2 -W 1 10.9.0.50", TimeSpan.FromSeconds(30));
        Assert.Contains(_outside.Frames.Skip(left), frame => frame.AsSpan(6, 6).SequenceEqual(Outside.Bytes(own)) && frame.AsSpan().IndexOf(its) >= 0);
    }

    [Fact]
    public async Task FromOutsideEachGetsWhatIsAddressedToIt()
    {
        (long personal, long work) = (await ReceivedAsync("personal"), await ReceivedAsync("work"));
        for (int i = 0; i < 5; i++) _outside.Send(Outside.Frame(Personal, Far));
        for (int i = 0; i < 3; i++) _outside.Send(Outside.Frame(Work, Far));
        _outside.Send(Outside.Frame("ff:ff:ff:ff:ff:ff", Far));
        _outside.Send(Outside.Frame("33:33:00:00:00:01", Far));
        _outside.Send(Outside.Frame("02:00:00:00:00:66", Far));   // nobody's
        _outside.Send(Outside.Frame(Work, Personal));             // a reflection
        _outside.Send(Outside.Frame("ff:ff:ff:ff:ff:ff", Work));  // another
        await WaitForAsync("personal", personal + 7);
        await WaitForAsync("work", work + 5);
        await Task.Delay(300);
        Assert.Equal((personal + 7, work + 5), (await ReceivedAsync("personal"), await ReceivedAsync("work")));
    }

    private async Task WaitForAsync(string profile, long count)
    {
        for (int i = 0; i < 50 && await ReceivedAsync(profile) < count; i++) await Task.Delay(100);
    }

    private async Task<long> ReceivedAsync(string profile) =>
        long.Parse(await _handset.AskAsync(profile, "cat /sys/class/net/eth0/statistics/rx_packets"), CultureInfo.InvariantCulture);
}
