namespace Pocketvisor.Cli.Bench;

/// <summary>
/// What it costs to switch between two vCPUs that want one core. Neither sees the switch, but each sees how long it ran and how long it was
/// away; while it was away the other ran, and twice someone switched:
/// <code>
/// one │ here ├───────── away ─────────┤ here
/// two        ├switch┤ here ├switch┤
/// </code>
/// </summary>
public static class VcpuSwitch
{
    /// <summary>The mean of one switch, with the interrupt that ended the slice and the scheduler's choice, in instructions.</summary>
    public static double Instructions(IReadOnlyDictionary<string, ExitCount> one, IReadOnlyDictionary<string, ExitCount> two) =>
        (one["away"].Instructions - two["here"].Instructions + two["away"].Instructions - one["here"].Instructions) / 4;
}
