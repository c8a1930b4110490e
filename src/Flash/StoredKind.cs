namespace Pocketvisor.Flash;

/// <summary>What a folder at the root of the flash is.</summary>
public enum StoredKind : byte
{
    None = 0,
    Profile = 1,

    /// <summary>What a push has left that was not committed.</summary>
    Unfinished = 2,
}
