namespace Pocketvisor.Keeper.Flash;

/// <summary>What a <see cref="FileService"/> does in steps.</summary>
public enum FileTask : byte
{
    None = 0,
    ListStore,
    ListFiles,
    Remove,
    Abandon,

    /// <summary>A committed push takes its profile's place.</summary>
    Finish,

    /// <summary>The digest of the beginning of the file that is transferred.</summary>
    Prefix,
}
