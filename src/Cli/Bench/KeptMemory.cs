using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// What a handset's memory is for, by its owner table. Whatever is neither a profile's nor free for the next one is kept, wherever it
/// has gone: what the parts say of themselves would leave out what falls between them.
/// </summary>
/// <param name="MemoryBytes">All of the handset's.</param>
/// <param name="Profiles">Profiles that run.</param>
/// <param name="HypervisorBytes">The hypervisor's: its own, and control structures of the profiles' machines.</param>
/// <param name="KeeperBytes">The keeper's, used or not, except what is free.</param>
/// <param name="ProfileBytes">Lent to profiles as their memory.</param>
/// <param name="FreeBytes">The next profile could have it.</param>
public sealed record KeptMemory(ulong MemoryBytes, int Profiles, ulong HypervisorBytes, ulong KeeperBytes, ulong ProfileBytes, ulong FreeBytes)
{
    /// <summary>On a handset with 1 GB, as bytes: what was promised, what is wanted, and what Xen 4.17 keeps.</summary>
    public const ulong Promised = 19 * Mega, Wanted = 8 * Mega, Xen = 196 * Mega / 10;

    private const ulong Mega = 1 << 20;

    /// <summary>What hypervisor and keeper keep for themselves.</summary>
    public ulong KeptBytes => HypervisorBytes + KeeperBytes;

    /// <summary>Sums up an owner table.</summary>
    /// <param name="owners">The table.</param>
    /// <param name="running">The memory of each profile that runs, in bytes.</param>
    public static KeptMemory Of(OwnerTable owners, IReadOnlyCollection<ulong> running)
    {
        var profiles = running.Aggregate(0UL, (sum, bytes) => sum + bytes);
        var (all, free, hypervisor) = (owners.AllPages * OwnerTable.PageBytes, owners.FreePages * OwnerTable.PageBytes, owners.HypervisorPages * OwnerTable.PageBytes);
        return new KeptMemory(all, running.Count, hypervisor, all - free - profiles - hypervisor, profiles, free);
    }
}
