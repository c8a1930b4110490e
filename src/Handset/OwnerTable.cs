namespace Pocketvisor.Handsets;

/// <summary>Who owns the handset's pages of 4 kB, in sum. Two equal values mean that no page has moved.</summary>
/// <param name="KeeperPages">The keeper's own.</param>
/// <param name="LentPages">Lent by the keeper to a profile.</param>
/// <param name="HypervisorPages">The hypervisor's, those for page tables included.</param>
/// <param name="FreePages">Those of the keeper's that it would give to the next profile.</param>
/// <param name="Digest">FNV-1a over (page, state, VM) of every page.</param>
public sealed record OwnerTable(ulong KeeperPages, ulong LentPages, ulong HypervisorPages, ulong FreePages, ulong Digest)
{
    /// <summary>Bytes of a page.</summary>
    public const ulong PageBytes = 4096;

    /// <summary>Every page of the handset's memory.</summary>
    public ulong AllPages => KeeperPages + LentPages + HypervisorPages;
}
