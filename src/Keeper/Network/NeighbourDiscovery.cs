using System;

namespace Pocketvisor.Keeper.Network;

/// <summary>
/// Finds what a profile's IPv6 packet says of link-layer addresses (RFC 4861, "Message Formats"): options 1 and 2 of neighbour
/// discovery's messages. They must be the profile's own.
/// </summary>
public static class NeighbourDiscovery
{
    private const int HeaderBytes = 40; // of IPv6

    // Next headers (RFC 8200, "IPv6 Extension Headers"; RFC 7045 lists them all).
    private const byte HopByHop = 0, Routing = 43, Fragment = 44, Authentication = 51, Icmp = 58, DestinationOptions = 60, Mobility = 135, HostIdentity = 139, Shim6 = 140;

    // Options.
    private const byte SourceAddress = 1, TargetAddress = 2;

    /// <param name="packet">From the IPv6 header on; behind the packet there may be padding.</param>
    public static FrameFate Check(ReadOnlySpan<byte> packet, MacAddress own)
    {
        if (packet.Length < HeaderBytes || packet[0] >> 4 != 6) return FrameFate.Malformed;
        int payload = EthernetFrame.BigEndian16(packet, 4);
        if (payload > packet.Length - HeaderBytes) return FrameFate.Malformed;
        if (payload != 0) packet = packet.Slice(0, HeaderBytes + payload); // 0 may stand for a jumbogram: then all of it

        byte header = packet[6];
        int at = HeaderBytes;
        bool fragmented = false;
        while (header != Icmp)
        {
            int length = 8; // of every extension header, at least
            bool first = true;
            switch (header)
            {
                case HopByHop or Routing or DestinationOptions or Mobility or HostIdentity or Shim6:
                    if (at + length <= packet.Length) length = 8 * (packet[at + 1] + 1);
                    break;
                case Authentication:
                    if (at + length <= packet.Length) length = 4 * (packet[at + 1] + 2);
                    break;
                case Fragment:
                    fragmented = true;
                    if (at + length <= packet.Length) first = EthernetFrame.BigEndian16(packet, at + 2) >> 3 == 0;
                    break;
                default:
                    return FrameFate.Sent; // some other protocol
            }

            if (at + length > packet.Length) return FrameFate.Malformed;
            if (!first) return FrameFate.Sent; // worth nothing without the first fragment, which has all headers (RFC 7112)
            header = packet[at];
            at += length;
        }

        return CheckIcmp(packet.Slice(at), fragmented, own);
    }

    private static FrameFate CheckIcmp(ReadOnlySpan<byte> message, bool fragmented, MacAddress own)
    {
        if (message.IsEmpty) return FrameFate.Malformed;
        int at = OptionsOf(message[0]);
        if (at == 0) return FrameFate.Sent;

        // "Nodes MUST NOT employ IPv6 fragmentation for sending" them (RFC 6980): it only hides options.
        if (fragmented || at > message.Length) return FrameFate.Malformed;
        for (int length; at < message.Length; at += length)
        {
            if (at + 8 > message.Length) return FrameFate.Malformed;
            length = 8 * message[at + 1];
            if (length == 0 || at + length > message.Length) return FrameFate.Malformed;
            if (message[at] is not (SourceAddress or TargetAddress)) continue;
            if (length != 8) return FrameFate.Malformed; // Ethernet's are so long
            if (!MacAddress.Read(message.Slice(at + 2)).Equals(own)) return FrameFate.ForeignNeighbour;
        }

        return FrameFate.Sent;
    }

    // Where the options begin, by type of message; 0 for messages without such options.
    private static int OptionsOf(byte type) => type switch
    {
        133 => 8,         // router solicitation
        134 => 16,        // router advertisement
        135 or 136 => 24, // neighbour solicitation, neighbour advertisement
        137 => 40,        // redirect
        141 or 142 => 8,  // inverse neighbour discovery (RFC 3122)
        _ => 0,
    };
}
