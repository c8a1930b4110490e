namespace Pocketvisor.Link;

/// <summary>What a frame means. From the PC below 0x80, from the keeper above.</summary>
public enum LinkFrameType : byte
{
    /// <summary>u32 version. Answered by <see cref="HelloReply"/> and the backlog; from now on the keeper sends events.</summary>
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

    /// <summary>u32. Reserved for flow control; ignored.</summary>
    Credit = 0x08,

    /// <summary>u8 force. Answered as <see cref="Start"/>.</summary>
    Restart = 0x09,

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
}
