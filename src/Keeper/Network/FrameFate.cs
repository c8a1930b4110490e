namespace Pocketvisor.Keeper.Network;

/// <summary>What became of a frame: it went on, or the rule that dropped it. <see cref="FrameRules"/> is the table of the rules.</summary>
public enum FrameFate
{
    /// <summary>From a profile to the outside.</summary>
    Sent,

    /// <summary>From the outside to a profile.</summary>
    Received,

    /// <summary>Shorter than its header.</summary>
    Runt,

    /// <summary>Longer than Ethernet's frames are.</summary>
    Giant,

    /// <summary>A profile sent it with a source address that is not its own.</summary>
    ForeignSource,

    /// <summary>A profile sent it to another profile of this handset, or to itself.</summary>
    ToProfile,

    /// <summary>A profile sent something else than IPv4, IPv6 and ARP.</summary>
    OtherProtocol,

    /// <summary>Its ARP says that somebody is reached at an address that is not the sender's own.</summary>
    ForeignArp,

    /// <summary>Its IPv6 neighbour discovery says so.</summary>
    ForeignNeighbour,

    /// <summary>Its ARP or IPv6 headers cannot be read to where such claims would stand.</summary>
    Malformed,

    /// <summary>It came from outside, but a profile of this handset had sent it.</summary>
    FromProfile,

    /// <summary>It came from outside for a station that is not here.</summary>
    ToNobody,

    /// <summary>The profile has no buffer for it.</summary>
    NoBuffer,

    /// <summary>The handset's network device is broken.</summary>
    LinkDown,
}
