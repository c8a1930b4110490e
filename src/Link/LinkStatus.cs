namespace Pocketvisor.Link;

/// <summary>The answer to a request.</summary>
public enum LinkStatus : byte
{
    Ok = 0,
    NoSuchProfile = 1,

    /// <summary>Start of a profile that runs, Stop of one that does not.</summary>
    WrongState = 2,

    /// <summary>Unknown type, or a payload of the wrong size.</summary>
    BadRequest = 3,

    Failed = 4,

    /// <summary>Something of this kind is under way; one at a time.</summary>
    Busy = 5,
}
