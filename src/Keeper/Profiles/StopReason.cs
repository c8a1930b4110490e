namespace Pocketvisor.Keeper.Profiles;

/// <summary>Why a profile's VM ends. The first reason counts.</summary>
public enum StopReason
{
    None = 0,

    /// <summary>The guest switched itself off (PSCI SYSTEM_OFF).</summary>
    PoweredOff,

    /// <summary>The guest restarts itself (PSCI SYSTEM_RESET).</summary>
    Reset,

    /// <summary>The guest did what cannot be completed; the log has a report.</summary>
    Crashed,

    /// <summary>The guest's kernel panicked and said so by a warm reset (PSCI SYSTEM_RESET2).</summary>
    Panicked,

    /// <summary>The PC said so, now.</summary>
    Forced,

    /// <summary>The PC wants it to start again, now.</summary>
    ForcedRestart,

    /// <summary>It could not be started.</summary>
    StartFailed,
}
