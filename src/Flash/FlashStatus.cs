namespace Pocketvisor.Flash;

/// <summary>What came of an operation on a volume.</summary>
public enum FlashStatus : byte
{
    Ok = 0,

    /// <summary>The device failed to read or write.</summary>
    DeviceFailed,

    /// <summary>There is no exFAT volume on the device.</summary>
    NotExFat,

    /// <summary>The volume contradicts itself or the specification; <c>Problem</c> says where. Nothing was followed or changed.</summary>
    Damaged,

    NotFound,
    Exists,
    NoSpace,

    /// <summary>Empty, too long, or with a character that exFAT forbids.</summary>
    BadName,

    /// <summary>A folder with something in it cannot be deleted.</summary>
    NotEmpty,

    /// <summary>A folder where a file is needed, or the other way round.</summary>
    WrongKind,

    /// <summary>The file has more pieces than the caller has room for.</summary>
    TooFragmented,

    /// <summary>Beyond the end of the file.</summary>
    OutOfRange,
}
