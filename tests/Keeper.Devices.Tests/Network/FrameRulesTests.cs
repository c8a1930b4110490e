using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Network;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests.Network;

/// <summary>Every kind of frame by every kind of address, in both directions.</summary>
public sealed class FrameRulesTests
{
    private static readonly MacAddress Own = NetWorld.Mac(0), Other = NetWorld.Mac(1), Stranger = new(0x0011_2233_4455);

    private readonly PortAddresses _profiles = new(4, new FakeClock());

    public FrameRulesTests()
    {
        Assert.True(_profiles.TryOpen(0, Own));
        Assert.True(_profiles.TryOpen(1, Other));
    }

    public static TheoryData<string, string, string> Addresses()
    {
        TheoryData<string, string, string> data = [];
        foreach (string kind in new[] { "ARP", "IPv4", "IPv6", "discovery", "VLAN", "SNAP", "runt", "giant" })
            foreach (string from in new[] { "own", "other", "stranger", "broadcast", "multicast", "zero" })
                foreach (string to in new[] { "own", "other", "stranger", "broadcast", "multicast" })
                    data.Add(kind, from, to);
        return data;
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void WhatAProfileSends(string kind, string from, string to)
    {
        FrameFate expected =
            kind == "runt" ? FrameFate.Runt
            : kind == "giant" ? FrameFate.Giant
            : from != "own" ? FrameFate.ForeignSource
            : to is "own" or "other" ? FrameFate.ToProfile
            : kind is "VLAN" or "SNAP" ? FrameFate.OtherProtocol
            : FrameFate.Sent;
        Assert.Equal(expected, FrameRules.ToOutside(Make(kind, from, to), Own, _profiles));
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void WhatComesFromOutside(string kind, string from, string to)
    {
        FrameFate expected =
            kind == "runt" ? FrameFate.Runt
            : kind == "giant" ? FrameFate.Giant
            : from is "own" or "other" ? FrameFate.FromProfile
            : FrameFate.Received;
        byte[] frame = Make(kind, from, to);
        Assert.Equal(expected, FrameRules.FromOutside(frame, _profiles));
        if (expected != FrameFate.Received) return;
        Assert.Equal(to is "own" or "broadcast" or "multicast", FrameRules.IsFor(frame, Own));
        Assert.Equal(to is "other" or "broadcast" or "multicast", FrameRules.IsFor(frame, Other));
    }

    [Theory]
    [InlineData(0, FrameFate.Runt)]
    [InlineData(13, FrameFate.Runt)]
    [InlineData(14, FrameFate.Sent)]
    [InlineData(1514, FrameFate.Sent)]
    [InlineData(1515, FrameFate.Giant)]
    public void FramesHaveALengthOfEthernet(int length, FrameFate expected)
    {
        byte[] frame = Frames.Ipv4(Frames.Router, Own, 1501).AsSpan(0, length).ToArray();
        Assert.Equal(expected, Sends(frame));
        frame = Frames.Ipv4(Own, Frames.Router, 1501).AsSpan(0, length).ToArray();
        Assert.Equal(expected == FrameFate.Sent ? FrameFate.Received : expected, FrameRules.FromOutside(frame, _profiles));
    }

    /// <summary>Even where the claim behind it would be an honest one.</summary>
    [Fact]
    public void OnlyThreeProtocolsGoOut()
    {
        byte[] arp = Frames.Arp(Frames.Broadcast, Own, Own);
        for (int type = 0; type < 0x1_0000; type++)
        {
            arp[12] = (byte)(type >> 8);
            arp[13] = (byte)type;
            FrameFate expected = type switch
            {
                0x0800 or 0x0806 => FrameFate.Sent,
                0x86DD => FrameFate.Malformed, // ARP is none
                _ => FrameFate.OtherProtocol,
            };
            Assert.Equal(expected, Sends(arp));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    public void ArpSpeaksForItsSender(int operation)
    {
        Assert.Equal(FrameFate.Sent, Sends(Frames.Arp(Frames.Broadcast, Own, Own, operation)));
        foreach (MacAddress sender in new[] { Other, Stranger, Frames.Router, Frames.Broadcast, default })
            Assert.Equal(FrameFate.ForeignArp, Sends(Frames.Arp(Frames.Router, Own, sender, operation)));
    }

    [Theory]
    [InlineData(14 + 1, 6)] // hardware
    [InlineData(14 + 4, 8)] // its length
    [InlineData(14 + 5, 16)]
    [InlineData(14 + 4, 0)]
    public void ArpForOtherHardwareIsNone(int at, byte value)
    {
        byte[] frame = Frames.Arp(Frames.Broadcast, Own, Own);
        frame[at] = value;
        Assert.Equal(FrameFate.Malformed, Sends(frame));
    }

    public static TheoryData<int, int> DiscoveryMessages()
    {
        TheoryData<int, int> data = [];
        foreach (int type in Frames.DiscoveryBody.Keys)
            foreach (int option in new[] { 1, 2 })
                data.Add(type, option);
        return data;
    }

    [Theory]
    [MemberData(nameof(DiscoveryMessages))]
    public void NeighbourDiscoverySpeaksForItsSender(int type, int option)
    {
        byte[] nonce = [14, 1, 1, 2, 3, 4, 5, 6], long2 = [3, 2, .. new byte[14]];
        foreach (byte[] before in new byte[][] { [], nonce, long2, [.. nonce, .. long2], [(byte)option, 1, .. Frames.Bytes(Own)] })
        {
            Assert.Equal(FrameFate.Sent, Discovers(Frames.Discovery(type, option, Own, before)));
            Assert.Equal(FrameFate.Sent, Discovers([.. Frames.Discovery(type, option, Own, before), .. nonce]));
            foreach (MacAddress says in new[] { Other, Stranger, Frames.Router, Frames.Broadcast, default })
            {
                Assert.Equal(FrameFate.ForeignNeighbour, Discovers(Frames.Discovery(type, option, says, before)));
                Assert.Equal(FrameFate.ForeignNeighbour, Discovers([.. Frames.Discovery(type, option, says, before), .. nonce]));
            }
        }
    }

    [Fact]
    public void OtherIcmpMaySayAnything()
    {
        for (int type = 0; type < 256; type++)
            if (!Frames.DiscoveryBody.ContainsKey(type)) Assert.Equal(FrameFate.Sent, Discovers([(byte)type, 0, 0, 0, .. new byte[4], 1, 1, .. Frames.Bytes(Other)]));
    }

    [Fact]
    public void DiscoveryWithoutOptionsSaysNothing()
    {
        foreach ((int type, int body) in Frames.DiscoveryBody) Assert.Equal(FrameFate.Sent, Discovers([(byte)type, .. new byte[body - 1]]));
    }

    /// <summary>A receiver reads as many options as there are, so must we.</summary>
    [Fact]
    public void OptionsThatCannotBeReadAreNotSent()
    {
        byte[] solicitation = [135, .. new byte[23]], own = Frames.Bytes(Own);
        Assert.Equal(FrameFate.Malformed, Discovers([.. solicitation, 14, 0, 0, 0, 0, 0, 0, 0])); // "nodes MUST silently discard"
        Assert.Equal(FrameFate.Malformed, Discovers([.. solicitation, 14, 2, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(FrameFate.Malformed, Discovers([.. solicitation, 1, 1, .. own.Take(4)]));
        Assert.Equal(FrameFate.Malformed, Discovers([.. solicitation, 1]));
        Assert.Equal(FrameFate.Malformed, Discovers([.. solicitation, 1, 2, .. own, .. own, 0, 0]));
        Assert.Equal(FrameFate.Malformed, Discovers([135, .. new byte[22]]));
        Assert.Equal(FrameFate.Malformed, Discovers([]));
    }

    /// <summary>The way around switches that look at the first header only (RFC 7113).</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(43)]
    [InlineData(51)]
    [InlineData(60)]
    [InlineData(135)]
    [InlineData(139)]
    [InlineData(140)]
    public void ExtensionHeadersHideNothing(int header)
    {
        byte[] spoof = Frames.Discovery(136, 2, Other), honest = Frames.Discovery(136, 2, Own);
        for (int units = 0; units < 20; units++)
        {
            int length = header == 51 ? 4 * (units + 2) : 8 * (units + 1), more = 60;
            byte[] extension = [58, (byte)units, .. new byte[length - 2]], first = [(byte)more, (byte)units, .. new byte[length - 2]], second = [58, 0, .. new byte[6]];
            Assert.Equal(FrameFate.ForeignNeighbour, Sends(Frames.Ipv6(Frames.AllNodes, Own, header, [.. extension, .. spoof])));
            Assert.Equal(FrameFate.ForeignNeighbour, Sends(Frames.Ipv6(Frames.AllNodes, Own, header, [.. first, .. second, .. spoof])));
            Assert.Equal(FrameFate.Sent, Sends(Frames.Ipv6(Frames.AllNodes, Own, header, [.. extension, .. honest])));
            Assert.Equal(FrameFate.Malformed, Sends(Frames.Ipv6(Frames.AllNodes, Own, header, extension[..^1])));
        }

        Assert.Equal(FrameFate.Malformed, Sends(Frames.Ipv6(Frames.AllNodes, Own, header, [])));
        Assert.Equal(FrameFate.Malformed, Sends(Frames.Ipv6(Frames.AllNodes, Own, header, [58, 255, .. new byte[62]])));
    }

    [Fact]
    public void FragmentsHideNothing()
    {
        byte[] Fragment(int next, int offset, byte[] payload) =>
            Frames.Ipv6(Frames.AllNodes, Own, 44, [(byte)next, 0, (byte)(offset >> 5), (byte)(offset << 3 | 1), 1, 2, 3, 4, .. payload]);
        byte[] echo = [128, 0, .. new byte[14]], tcp = new byte[20];

        Assert.Equal(FrameFate.Malformed, Sends(Fragment(58, 0, Frames.Discovery(135, 1, Other))));
        Assert.Equal(FrameFate.Malformed, Sends(Fragment(58, 0, Frames.Discovery(135, 1, Own)))); // RFC 6980: never
        Assert.Equal(FrameFate.Malformed, Sends(Fragment(58, 0, [135, .. new byte[7]]))); // the option comes in the second
        Assert.Equal(FrameFate.Malformed, Sends(Fragment(58, 0, [])));
        Assert.Equal(FrameFate.Malformed, Sends(Fragment(60, 0, [58, 1, .. new byte[6]]))); // headers that go on in the second
        Assert.Equal(FrameFate.Malformed, Sends(Fragment(60, 0, [58, 0, .. new byte[6], .. Frames.Discovery(135, 1, Other)])));
        Assert.Equal(FrameFate.Sent, Sends(Fragment(58, 0, echo)));
        Assert.Equal(FrameFate.Sent, Sends(Fragment(58, 1, Frames.Discovery(135, 1, Other)))); // nothing without a first
        Assert.Equal(FrameFate.Sent, Sends(Fragment(6, 0, tcp)));
        Assert.Equal(FrameFate.Malformed, Sends(Frames.Ipv6(Frames.AllNodes, Own, 44, [58, 0, 0, 0])));
    }

    [Fact]
    public void LengthsInThePacketAreTheReceivers()
    {
        byte[] spoof = Frames.Ipv6(Frames.AllNodes, Own, 58, Frames.Discovery(135, 1, Other));
        spoof[19] -= 8; // its packet ends before the option, which is padding
        Assert.Equal(FrameFate.Sent, Sends(spoof));
        spoof[19] = 0; // a jumbogram, perhaps
        Assert.Equal(FrameFate.ForeignNeighbour, Sends(spoof));
        spoof[18] = 1; // more than there is
        Assert.Equal(FrameFate.Malformed, Sends(spoof));
        Assert.Equal(FrameFate.Malformed, Sends(spoof[..53]));
        spoof[14] = 0x45;
        Assert.Equal(FrameFate.Malformed, Sends(spoof));
    }

    /// <summary>Whatever the bytes: an answer, and never "sent" with another's source address.</summary>
    [Fact]
    public void GarbageIsJudged() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        byte[][] seeds =
        [
            Frames.Ipv6(Frames.AllNodes, Own, 58, Frames.Discovery(135, 1, Other)), Frames.Ipv6(Frames.AllNodes, Own, 60, [58, 0, .. new byte[6], .. Frames.Discovery(137, 2, Own)]),
            Frames.Arp(Frames.Broadcast, Own, Own), Frames.Ipv6(Frames.Router, Own, 44, new byte[30]),
        ];
        for (int i = 0; i < 200; i++)
        {
            byte[] frame = [.. seeds[random.Next(seeds.Length)]];
            for (int k = random.Next(6); k > 0; k--) frame[random.Next(frame.Length)] = (byte)random.Next(256);
            frame = frame[..random.Next(frame.Length + 1)];
            FrameFate fate = Sends(frame);
            if (fate == FrameFate.Sent && !frame.AsSpan(6, 6).SequenceEqual(Frames.Bytes(Own))) return false;
            FrameRules.FromOutside(frame, _profiles);
        }

        return true;
    }).QuickCheckThrowOnFailure();

    private FrameFate Sends(byte[] frame) => FrameRules.ToOutside(frame, Own, _profiles);

    private FrameFate Discovers(byte[] message) => Sends(Frames.Ipv6(Frames.AllNodes, Own, 58, message));

    private static byte[] Make(string kind, string from, string to)
    {
        MacAddress source = Named(from), destination = Named(to);
        byte[] arp = Frames.Arp(destination, source, source);
        return kind switch
        {
            "ARP" => arp,
            "IPv4" => Frames.Ipv4(destination, source),
            "IPv6" => Frames.Ipv6(destination, source, 17, new byte[20]),
            "discovery" => Frames.Ipv6(destination, source, 58, Frames.Discovery(136, 2, source)),
            "VLAN" => Frames.Tagged(arp),
            "SNAP" => Frames.Ethernet(destination, source, 36, [0xAA, 0xAA, 3, 0, 0, 0, 8, 6, .. arp[14..]]),
            "runt" => arp[..13],
            _ => [.. arp, .. new byte[1515 - arp.Length]],
        };
    }

    private static MacAddress Named(string name) => name switch
    {
        "own" => Own,
        "other" => Other,
        "stranger" => Stranger,
        "broadcast" => Frames.Broadcast,
        "multicast" => Frames.AllNodes,
        _ => default,
    };
}
