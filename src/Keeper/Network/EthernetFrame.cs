using System;

namespace Pocketvisor.Keeper.Network;

/// <summary>
/// An Ethernet II frame (IEEE 802.3), as virtio carries it: without preamble and checksum.
/// <code>
///   destination 6 │ source 6 │ EtherType 2 │ 0 to 1500 bytes
/// </code>
/// </summary>
public static class EthernetFrame
{
    public const int HeaderBytes = 14, MaxBytes = HeaderBytes + 1500;

    // EtherTypes.
    public const ushort Ipv4 = 0x0800, Arp = 0x0806, Ipv6 = 0x86DD;

    public static MacAddress Destination(ReadOnlySpan<byte> frame) => MacAddress.Read(frame);

    public static MacAddress Source(ReadOnlySpan<byte> frame) => MacAddress.Read(frame.Slice(MacAddress.Bytes));

    /// <summary>What the frame carries. Below 0x600 it is a length, and LLC says what follows; 0x8100 and others are VLAN tags.</summary>
    public static ushort EtherType(ReadOnlySpan<byte> frame) => BigEndian16(frame, 12);

    public static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> frame) => frame.Slice(HeaderBytes);

    /// <summary>A number in network order.</summary>
    public static ushort BigEndian16(ReadOnlySpan<byte> bytes, int at) => (ushort)(bytes[at] << 8 | bytes[at + 1]);
}
