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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMap(ulong address)
    {
        ref var stage2 = ref PhysicalMemory.Vm(VmControl.Keeper).Stage2;
        // A page, if not all of the block is the keeper's, or part of it is mapped by pages already.
        for (ulong size = TranslationTables.BlockSize; size != 0; size = size == TranslationTables.BlockSize ? TranslationTables.PageSize : 0)
        {
            ulong start = address & ~(size - 1);
            bool isMemory = OwnerTable.KeeperMayAccess(start, size >> TranslationTables.PageShift);
            if (!isMemory && !IsDevice(start, size)) continue;
            var status = stage2.Map(start, start, size, isMemory ? Stage2.Memory : Stage2.Device);
            Cpu.PublishTables();
            // A page that is mapped already: another core was faster.
            if (status == HvcStatus.Success || (status == HvcStatus.AlreadyMapped && size == TranslationTables.PageSize)) return true;
        }
        return false;
    }

    /// <summary>Pages that the keeper gave away: no core of it holds a translation any more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Withdraw(ulong address, ulong pages)
    {
        ref Vm keeper = ref PhysicalMemory.Vm(VmControl.Keeper);
        keeper.Stage2.Unmap(address, pages << TranslationTables.PageShift);
        Cpu.ForgetTranslationsOf(keeper.Vttbr);
    }

    // Everything that is neither memory nor the interrupt controller, which is EL2's; of addresses that stage 2 has, because beyond them its tables begin again.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsDevice(ulong address, ulong size) =>
        address < TranslationTables.InputLimit
        && !OwnerTable.Overlaps(address, size)
        && !Overlap(address, size, ref Handset.Description.Ranges[HandsetDescription.Gicd])
        && !Overlap(address, size, ref Handset.Description.Ranges[HandsetDescription.Gicr]);

    private static bool Overlap(ulong address, ulong size, ref AddressRange range) => address < range.End && range.Start < address + size;
}
