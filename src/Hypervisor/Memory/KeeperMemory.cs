using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>
/// The keeper's stage 2: addresses are the handset's own. It is filled on first touch, from the owner table, so that it never says
/// more than that does; and giving pages away only has to clear it.
/// </summary>
internal static class KeeperMemory
{
    /// <summary>The keeper touched an address that is not mapped. False if it may not have it.</summary>
    public static bool TryMap(ulong address)
    {
        ref var stage2 = ref PhysicalMemory.Vm(VmControl.Keeper).Stage2;
        ulong page = address & ~(TranslationTables.PageSize - 1), block = address & ~(TranslationTables.BlockSize - 1);
        bool allowed = TryMap(ref stage2, block, TranslationTables.BlockSize, out var status);
        // Not all of the block is the keeper's, or part of it is mapped by pages already.
        if (!allowed || status == HvcStatus.AlreadyMapped)
            allowed = TryMap(ref stage2, page, TranslationTables.PageSize, out status);
        Cpu.PublishTables();
        // AlreadyMapped: another core was faster.
        return allowed && status != HvcStatus.NoMemory;
    }

    /// <summary>Pages that the keeper gave away: no core of it holds a translation any more.</summary>
    public static void Withdraw(ulong address, ulong pages)
    {
        ref Vm keeper = ref PhysicalMemory.Vm(VmControl.Keeper);
        keeper.Stage2.Unmap(address, pages << TranslationTables.PageShift);
        Cpu.ForgetTranslationsOf(keeper.Vttbr);
    }

    private static bool TryMap(ref TranslationTables stage2, ulong address, ulong size, out HvcStatus status)
    {
        status = HvcStatus.Denied;
        bool isMemory = OwnerTable.KeeperMayAccess(address, size >> TranslationTables.PageShift);
        if (!isMemory && !IsDevice(address, size)) return false;
        status = stage2.Map(address, address, size, isMemory ? Stage2.Memory : Stage2.Device, out _);
        return true;
    }

    // Everything that is neither memory nor the interrupt controller, which is EL2's.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDevice(ulong address, ulong size) =>
        !OwnerTable.Overlaps(address, size)
        && !Overlap(address, size, Handset.Gicd, Handset.GicdSize)
        && !Overlap(address, size, Handset.Gicr, Handset.GicrEnd - Handset.Gicr);

    private static bool Overlap(ulong a, ulong aSize, ulong b, ulong bSize) => a < b + bSize && b < a + aSize;
}
