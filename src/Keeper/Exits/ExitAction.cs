namespace Pocketvisor.Keeper.Exits;

/// <summary>What happens to a vCPU after an exit.</summary>
public enum ExitAction : byte
{
    /// <summary>It goes on at once.</summary>
    Resume,

    /// <summary>The core looks after other things first.</summary>
    Yield,

    /// <summary>It waits for an interrupt or its deadline.</summary>
    Sleep,

    /// <summary>It is off, or will never run again.</summary>
    TurnOff,
}
