namespace Pocketvisor.Abi;

/// <summary>The answer to a hypercall, in x0. The first two are SMCCC's and PSCI's own.</summary>
public enum HvcStatus : long
{
    Success = 0,

    /// <summary>No such function, or not for this caller.</summary>
    NotSupported = -1,

    /// <summary>An argument is out of its range or misaligned.</summary>
    InvalidParameters = -2,

    /// <summary>The ownership policy refuses: the page is not the caller's to give, lend or take.</summary>
    Denied = -3,

    /// <summary>The VM or vCPU is running, or still holds pages.</summary>
    Busy = -4,

    /// <summary>The control pages donated for this VM are used up, or all VM numbers are taken.</summary>
    NoMemory = -5,

    /// <summary>The guest address is mapped already.</summary>
    AlreadyMapped = -6,
}
