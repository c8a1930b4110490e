namespace Pocketvisor.Profiles;

/// <summary>When a profile starts again by itself.</summary>
public enum Autorestart
{
    /// <summary>It stays as it is.</summary>
    Never,

    /// <summary>After a kernel panic or a fault, each time after a longer pause; after five failures in a row no more.</summary>
    OnFailure,
}
