using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Keeper.Network;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>Frames as they are on the wire, byte by byte from the standards.</summary>
public static class Frames
{
    public static readonly MacAddress Broadcast = new(0xFFFF_FFFF_FFFF);
    public static readonly MacAddress AllNodes = new(0x3333_0000_0001);
    public static readonly MacAddress Router = new(0x5255_0A00_0202);

    public static byte[] Bytes(MacAddress mac) => [.. Enumerable.Range(0, 6).Select(i => (byte)(mac.Bits >> (40 - 8 * i)))];

    public static byte[] Ethernet(MacAddress to, MacAddress from, int type, byte[] payload) =>
        [.. Bytes(to), .. Bytes(from), (byte)(type >> 8), (byte)type, .. payload];

    public static byte[] Ipv4(MacAddress to, MacAddress from, int length = 46) => Ethernet(to, from, 0x0800, [0x45, .. new byte[length - 1]]);

    public static byte[] Arp(MacAddress to, MacAddress from, MacAddress sender, int operation = 2) => Ethernet(to, from, 0x0806,
        [0, 1, 8, 0, 6, 4, 0, (byte)operation, .. Bytes(sender), 10, 0, 2, 15, .. Bytes(to), 10, 0, 2, 2]);

    /// <summary>An IPv6 packet.</summary>
    /// <param name="next">Of the first header behind the fixed one.</param>
    public static byte[] Ipv6(MacAddress to, MacAddress from, int next, byte[] payload) => Ethernet(to, from, 0x86DD,
        [0x60, 0, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, (byte)next, 255, .. new byte[32], .. payload]);

    /// <summary>Neighbour discovery with one link-layer address option, behind other options if a test wants that.</summary>
    public static byte[] Discovery(int type, int option, MacAddress says, params byte[] before) =>
        [(byte)type, 0, 0, 0, .. new byte[DiscoveryBody[type] - 4], .. before, (byte)option, 1, .. Bytes(says)];

    public static readonly Dictionary<int, int> DiscoveryBody = new() { [133] = 8, [134] = 16, [135] = 24, [136] = 24, [137] = 40, [141] = 8, [142] = 8 };

    /// <summary>The same frame with a tag in front of its EtherType.</summary>
    public static byte[] Tagged(byte[] frame, int tag = 0x8100) => [.. frame[..12], (byte)(tag >> 8), (byte)tag, 0, 0, .. frame[12..]];
}
