namespace Pocketvisor.Link;

/// <summary>
/// The byte stream between the PC and the keeper. A frame is a header of 8 bytes and a payload, all little-endian:
/// <code>
///   0       1      2        4        6           8
///   ┌───────┬──────┬────────┬────────┬───────────┬─────────
///   │ magic │ type │ profile│ length │ request id│ payload…
///   └───────┴──────┴────────┴────────┴───────────┴─────────
/// </code>
/// A receiver that sees a wrong magic or length skips one byte and looks again.
/// </summary>
public static class LinkProtocol
{
    public const uint Version = 1;

    public const byte Magic = 0x50;
    public const int HeaderBytes = 8;
    public const int MaxPayload = 4096;
    public const int MaxFrame = HeaderBytes + MaxPayload;

    /// <summary>In the place of a profile's index: the handset itself.</summary>
    public const ushort Handset = 0xFFFF;

    /// <summary>The keeper remembers this much of a profile's console, and sends it again after each Hello.</summary>
    public const int ConsoleBacklogBytes = 64 * 1024;

    /// <summary>The same for the keeper's log.</summary>
    public const int LogBacklogBytes = 16 * 1024;
}
