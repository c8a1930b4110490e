using System;

namespace Pocketvisor.Keeper.Network;

/// <summary>
/// Who may send what to whom: every profile is on a segment of its own with the outside, and speaks for nobody but itself.
/// What reaches the last line of a table goes on.
/// </summary>
public static class FrameRules
{
    /// <summary>From a profile to the outside, which is the only place that a frame of a profile goes to.</summary>
    /// <param name="own">The profile's address.</param>
    /// <param name="profiles">Those of all profiles.</param>
    public static FrameFate ToOutside(ReadOnlySpan<byte> frame, MacAddress own, PortAddresses profiles)
    {
        if (frame.Length < EthernetFrame.HeaderBytes) return FrameFate.Runt;
        if (frame.Length > EthernetFrame.MaxBytes) return FrameFate.Giant;
        if (!EthernetFrame.Source(frame).Equals(own)) return FrameFate.ForeignSource;
        if (profiles.Include(EthernetFrame.Destination(frame))) return FrameFate.ToProfile;
        return EthernetFrame.EtherType(frame) switch
        {
            EthernetFrame.Ipv4 => FrameFate.Sent,
            EthernetFrame.Arp => CheckArp(EthernetFrame.Payload(frame), own),
            EthernetFrame.Ipv6 => NeighbourDiscovery.Check(EthernetFrame.Payload(frame), own),

            // VLAN tags, LLC and SNAP among them: some hosts look behind those for what is forbidden in front.
            _ => FrameFate.OtherProtocol,
        };
    }

    /// <summary>From the outside to whom <see cref="IsFor"/> tells.</summary>
    /// <param name="profiles">Addresses of all profiles.</param>
    public static FrameFate FromOutside(ReadOnlySpan<byte> frame, PortAddresses profiles)
    {
        if (frame.Length < EthernetFrame.HeaderBytes) return FrameFate.Runt;
        if (frame.Length > EthernetFrame.MaxBytes) return FrameFate.Giant;

        // Access points and hubs send back what one profile sent; so it would reach the others.
        if (profiles.Include(EthernetFrame.Source(frame))) return FrameFate.FromProfile;
        return FrameFate.Received;
    }

    /// <summary>Whether a frame from outside goes to the profile with this address: what is for it alone, and what is for all or many.</summary>
    public static bool IsFor(ReadOnlySpan<byte> frame, MacAddress own)
    {
        MacAddress destination = EthernetFrame.Destination(frame);
        return !destination.IsUnicast || destination.Equals(own);
    }

    // RFC 826, "Packet format": hardware 2 │ protocol 2 │ lengths 1, 1 │ operation 2 │ sender hardware 6, protocol 4 │ target 6, 4
    private static FrameFate CheckArp(ReadOnlySpan<byte> packet, MacAddress own)
    {
        const int bytes = 28, sender = 8;
        const ushort ethernet = 1;
        if (packet.Length < bytes || EthernetFrame.BigEndian16(packet, 0) != ethernet) return FrameFate.Malformed;
        if (packet[4] != MacAddress.Bytes || packet[5] != 4) return FrameFate.Malformed;
        return MacAddress.Read(packet.Slice(sender)).Equals(own) ? FrameFate.Sent : FrameFate.ForeignArp;
    }
}
