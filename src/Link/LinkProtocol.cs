namespace Pocketvisor.Link;

/// <summary>
/// The byte stream between the PC and the keeper. A frame is a header of 16 bytes and a payload, all little-endian:
/// <code>
///   0       1      2        4        6           8                12              16
///   ┌───────┬──────┬────────┬────────┬───────────┬────────────────┬───────────────┬─────────
///   │ magic │ type │ profile│ length │ request id│ payload's check│ header's check│ payload…
///   └───────┴──────┴────────┴────────┴───────────┴────────────────┴───────────────┴─────────
/// </code>
/// Checks are CRC-32C, the header's over the 12 bytes before it, and XOR the receiver's key. A receiver never waits for a payload, nor passes it over, by a length that may be wrong.
/// <para>
/// What a profile writes to its console, and what lies in a profile's files, can look like frames, and a receiver that lost a frame's beginning looks for the next one inside it. So
/// each end has a random number, its key, that profiles can't know: what comes without it is no frame. The keeper tells its key in <see cref="LinkFrameType.Welcome"/>, the PC
/// in <see cref="LinkFrameType.Hello"/>.
/// </para>
/// </summary>
public static class LinkProtocol
{
    public const uint Version = 5;

    /// <summary>The frame that answers a request, if it isn't refused; before it there may come others.</summary>
    public static LinkFrameType AnswerTo(LinkFrameType request) => request switch
    {
        LinkFrameType.Knock => LinkFrameType.Welcome,
        LinkFrameType.Hello => LinkFrameType.HelloReply,
        LinkFrameType.List => LinkFrameType.ListReply,
        LinkFrameType.Owners => LinkFrameType.OwnersReply,
        LinkFrameType.Store => LinkFrameType.StoreReply,
        LinkFrameType.Files => LinkFrameType.FilesReply,
        LinkFrameType.PushFile or LinkFrameType.PullFile => LinkFrameType.FileReply,
        LinkFrameType.Prefix => LinkFrameType.DigestReply,
        _ => LinkFrameType.Reply,
    };

    /// <summary>Before version 4, whose frames had no checks, it was 0x50.</summary>
    public const byte Magic = 0x51;

    public const int HeaderBytes = 16;

    /// <summary>Of <see cref="LinkFrameType.PushData"/> and <see cref="LinkFrameType.Data"/>: an offset and a block of a file.</summary>
    public const int MaxPayload = 8 + FileBlockBytes;

    public const int MaxFrame = HeaderBytes + MaxPayload;

    /// <summary>Of every other frame.</summary>
    public const int MaxText = 4096;

    /// <summary>Files travel in blocks that start at multiples of this; the last one may be short.</summary>
    public const int FileBlockBytes = 32 * 1024;

    /// <summary>At most so many zeros in one <see cref="LinkFrameType.PushZeros"/>: one request to the handset's flash.</summary>
    public const uint MaxZeros = 8 * 1024 * 1024;

    /// <summary>
    /// Frames of a file that may be under way: enough to keep the receiver busy, and few enough for other requests to get through. The PC
    /// counts its own by <see cref="LinkFrameType.Received"/>, and the keeper has <see cref="LinkFrameType.Credit"/> for them.
    /// </summary>
    public const int FileWindow = 8;

    /// <summary>The receiver tells of itself each time that it has got so many.</summary>
    public const int FileReport = FileWindow / 4;

    /// <summary>In the place of a profile's index: the handset itself.</summary>
    public const ushort Handset = 0xFFFF;

    /// <summary>The keeper remembers this much of a profile's console, and sends it again after each Hello.</summary>
    public const int ConsoleBacklogBytes = 64 * 1024;

    /// <summary>The same for the keeper's log.</summary>
    public const int LogBacklogBytes = 16 * 1024;
}
