namespace Pocketvisor.Link;

/// <summary>What a frame means. From the PC below 0x80, from the keeper above.</summary>
public enum LinkFrameType : byte
{
    /// <summary>u32 key of the PC. Asks for the keeper's, without which it takes nothing else. Needs none itself, and does nothing. Answered by <see cref="Welcome"/>.</summary>
    Knock = 0x00,

    /// <summary>u32 version, u32 key of the PC. Answered by <see cref="HelloReply"/> and the backlog; from now on the keeper sends events.</summary>
    Hello = 0x01,

    /// <summary>Answered by <see cref="ListReply"/>.</summary>
    List = 0x02,

    /// <summary>Answered by <see cref="Reply"/> once accepted; what comes of it, by <see cref="StateChanged"/>.</summary>
    Start = 0x03,

    /// <summary>u8 force: 0 presses the power button, 1 destroys the VM. Answered as <see cref="Start"/>.</summary>
    Stop = 0x04,

    /// <summary>Bytes for the profile's console. Not answered.</summary>
    Input = 0x05,

    /// <summary>u8 force. Stops every profile, then turns the handset off. Answered as <see cref="Start"/>.</summary>
    Shutdown = 0x06,

    /// <summary>Answered by <see cref="OwnersReply"/>.</summary>
    Owners = 0x07,

    /// <summary>u32: so many more <see cref="Data"/> and <see cref="Zeros"/> frames the PC can take. Carries the id of its <see cref="PullFile"/>. Not answered.</summary>
    Credit = 0x08,

    /// <summary>u8 force. Answered as <see cref="Start"/>.</summary>
    Restart = 0x09,

    /// <summary>u16 columns, u16 rows: the terminal at the profile's console. Not answered.</summary>
    Resize = 0x0A,

    // Profiles on the flash. They are named, because they need not have an index.

    /// <summary>A <see cref="StoreEntry"/> for each profile on the flash, then <see cref="StoreReply"/>.</summary>
    Store = 0x10,

    /// <summary>u8 <see cref="LinkStored"/>, name. A <see cref="FileEntry"/> for each file, then <see cref="FilesReply"/>.</summary>
    Files = 0x11,

    /// <summary>u8 <see cref="LinkStored"/>, name. Answered by <see cref="Reply"/> when it is done.</summary>
    Remove = 0x12,

    /// <summary>u8 replace, name. Begins a push, or goes on with one that was interrupted. Answered by <see cref="Reply"/>.</summary>
    PushBegin = 0x18,

    /// <summary>File name: deletes what an earlier attempt left. Answered by <see cref="Reply"/>.</summary>
    PushDrop = 0x19,

    /// <summary>u64 length, u8 anew, file name. <see cref="FileReply"/>: how much of it is there.</summary>
    PushFile = 0x1A,

    /// <summary>u64 offset, bytes: a block. Carries the id of its <see cref="PushFile"/>; not answered but by <see cref="Received"/> now and then, or a <see cref="Reply"/> if it fails.</summary>
    PushData = 0x1B,

    /// <summary>u64 offset, u32 count: whole blocks of zeros, or up to the end. As <see cref="PushData"/>.</summary>
    PushZeros = 0x1C,

    /// <summary>The file's digest. Answered by <see cref="Reply"/>.</summary>
    PushFileEnd = 0x1D,

    /// <summary>Answered by <see cref="Reply"/> when the profile is there for all who look.</summary>
    PushCommit = 0x1E,

    /// <summary>Name. Until <see cref="Leave"/> the profile is held, so that all its files are of one moment. Answered by <see cref="Reply"/>.</summary>
    PullBegin = 0x20,

    /// <summary>File name. <see cref="FileReply"/>: its length. After a <see cref="Credit"/> it streams, and ends with <see cref="FileEnd"/>.</summary>
    PullFile = 0x21,

    /// <summary>u64 bytes, whole blocks or all: the digest of the open file's beginning, behind which it goes on. <see cref="DigestReply"/>.</summary>
    Prefix = 0x22,

    /// <summary>
    /// u16 request id of a <see cref="PushBegin"/> or <see cref="PullBegin"/>: ends a pull, or a push that can be continued later, if that is
    /// the one under way. Answered by <see cref="Reply"/>.
    /// </summary>
    Leave = 0x23,

    /// <summary>u32 version, u32 key of the keeper, u32 key of the PC as it knocked, by which it knows that the keeper says this: the frame needs no key.</summary>
    Welcome = 0x80,

    /// <summary><see cref="LinkHelloReply"/>.</summary>
    HelloReply = 0x81,

    /// <summary>u8 <see cref="LinkStatus"/>, UTF-8 text.</summary>
    Reply = 0x82,

    /// <summary>u64 nanoseconds since power-on, then a <see cref="LinkProfileRecord"/> for each profile.</summary>
    ListReply = 0x83,

    /// <summary>Bytes that the profile's console said.</summary>
    Output = 0x84,

    /// <summary>One line of the keeper's log, UTF-8, without its end.</summary>
    Log = 0x85,

    /// <summary>u8 <see cref="LinkProfileState"/>, UTF-8 reason.</summary>
    StateChanged = 0x86,

    /// <summary><see cref="LinkOwnersReply"/>.</summary>
    OwnersReply = 0x87,

    /// <summary><see cref="LinkStoreEntry"/>.</summary>
    StoreEntry = 0x88,

    /// <summary>u64 free, u64 total: bytes of the volume; u32 how many entries came before.</summary>
    StoreReply = 0x89,

    /// <summary>u64 length, u64 bytes of it that are there, file name.</summary>
    FileEntry = 0x8A,

    /// <summary>u32 how many entries came before.</summary>
    FilesReply = 0x8B,

    /// <summary>u64 bytes.</summary>
    FileReply = 0x8C,

    /// <summary>32 bytes.</summary>
    DigestReply = 0x8D,

    /// <summary>u64: the pushed file is there up to this offset.</summary>
    Received = 0x8E,

    /// <summary>u64 offset, bytes: a block of the pulled file.</summary>
    Data = 0x8F,

    /// <summary>u64 offset, u64 count.</summary>
    Zeros = 0x90,

    /// <summary>The digest of the file that was pulled.</summary>
    FileEnd = 0x91,

    /// <summary>A profile came or went: ask <see cref="List"/> again.</summary>
    ProfilesChanged = 0x92,
}
