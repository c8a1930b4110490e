namespace Pocketvisor.Handsets;

/// <summary>What the keeper says about the handset.</summary>
/// <param name="ProtocolVersion">Version of the link protocol.</param>
/// <param name="Cores">Cores that run.</param>
/// <param name="Profiles">Profiles on the boot medium.</param>
/// <param name="MemoryBytes">Memory of the handset.</param>
/// <param name="HypervisorBytes">Memory that the hypervisor keeps.</param>
/// <param name="KeeperBytes">Memory that the keeper keeps.</param>
public sealed record HandsetInfo(uint ProtocolVersion, int Cores, int Profiles, ulong MemoryBytes, ulong HypervisorBytes, ulong KeeperBytes);
