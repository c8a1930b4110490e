namespace Pocketvisor.Cli.Hub;

/// <summary>The handset as <c>pocket list --json</c> shows it.</summary>
/// <param name="Cores">Cores that run.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="HypervisorBytes">Memory that the hypervisor keeps.</param>
/// <param name="KeeperBytes">Memory that the keeper keeps.</param>
/// <param name="UptimeSeconds">Time since power-on.</param>
/// <param name="ProcessId">Process id of QEMU.</param>
/// <param name="Name">Its name.</param>
public sealed record HandsetView(int Cores, ulong MemoryBytes, ulong HypervisorBytes, ulong KeeperBytes, double UptimeSeconds, int ProcessId, string? Name = null);
