namespace Pocketvisor.Cli.Hub;

/// <summary>A profile as <c>pocket list --json</c> shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">off, starting, running, stopping or failed.</param>
/// <param name="Cores">Its virtual cores.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Weight">Its share when profiles compete.</param>
/// <param name="CpuSeconds">How long its virtual cores ran since it started.</param>
/// <param name="CpuPercent">The same for the last half second; 100 is one core of the handset.</param>
/// <param name="ExitsPerSecond">How often it left for the hypervisor, over the last half second.</param>
/// <param name="UptimeSeconds">How long ago it started.</param>
/// <param name="Reason">Why it is in this state, if the keeper said.</param>
public sealed record ProfileView(
    string Name, string State, int Cores, ulong MemoryBytes, int Weight, double CpuSeconds, double CpuPercent, double ExitsPerSecond, double UptimeSeconds, string? Reason);
