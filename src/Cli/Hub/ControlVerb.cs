namespace Pocketvisor.Cli.Hub;

/// <summary>What the hub can be asked for.</summary>
public enum ControlVerb
{
    /// <summary>The handset and every profile.</summary>
    List,

    /// <summary>Start a profile.</summary>
    Start,

    /// <summary>Stop a profile.</summary>
    Stop,

    /// <summary>Stop a profile if it runs, and start it.</summary>
    Restart,

    /// <summary>After the reply the connection is the profile's console, byte for byte.</summary>
    Console,

    /// <summary>The terminal at a profile's console has another size.</summary>
    Resize,

    /// <summary>Run a command in a profile's shell.</summary>
    Exec,

    /// <summary>The sums over the owner table.</summary>
    Owners,

    /// <summary>What is on the flash.</summary>
    Store,

    /// <summary>A profile's files.</summary>
    Files,

    /// <summary>The text of a profile's manifest.</summary>
    Manifest,

    /// <summary>Copy a profile to the flash. Replies come until one has no progress.</summary>
    Push,

    /// <summary>Copy a profile from the flash. Replies as those to <see cref="Push"/>.</summary>
    Pull,

    /// <summary>Remove a profile, or with force what an interrupted push left of it.</summary>
    Remove,

    /// <summary>Turn the handset off.</summary>
    Down,
}
