namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// The supervisor's next step for a profile:
/// <code>
///   Idle ─▶ Create ─▶ Wipe ─▶ LoadKernel ─▶ LoadInitrd ─▶ Launch ─▶ Running ─▶ Detach ─▶ Reclaim ─▶ Idle, or Create again
///              │                                                                           ▲
///              └────────────────────────── what cannot start ──────────────────────────────┘
/// </code>
/// </summary>
internal enum ProfilePhase : byte
{
    Idle,
    Create,

    /// <summary>After a restart of the handset: zeroes what others may have left in its memory.</summary>
    Wipe,
    LoadKernel,
    LoadInitrd,
    Launch,
    Running,

    /// <summary>Its vCPUs leave their cores.</summary>
    Detach,

    /// <summary>Its memory comes back, a piece at a time.</summary>
    Reclaim,

    /// <summary>Its memory cannot come back: the handset's flash is out of control.</summary>
    Stuck,
}
