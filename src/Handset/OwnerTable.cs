namespace Pocketvisor.Handsets;

/// <summary>Who owns the handset's pages of 4 kB, in sum. Two equal values mean that no page has moved.</summary>
/// <param name="KeeperPages">The keeper's own.</param>
/// <param name="LentPages">Lent by the keeper to a profile.</param>
/// <param name="HypervisorPages">The hypervisor's, those for page tables included.</param>
/// <param name="Digest">FNV-1a over (page, state, VM) of every page.</param>
public sealed record OwnerTable(ulong KeeperPages, ulong LentPages, ulong HypervisorPages, ulong Digest);
