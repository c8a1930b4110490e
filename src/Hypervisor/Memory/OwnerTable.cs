using System;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>
/// To whom each page of the handset's memory belongs: the security policy. One byte a page,
/// <code>[7:6] PageState │ [5:0] the VM that it is lent to or that it was donated for</code>
/// </summary>
internal static class OwnerTable
{
    private static ulong s_firstPage; // page number of the first byte of the table
    private static ulong s_pages;

    /// <summary>The policy: what becomes of a page in a state (row) by an event (column). None is refused.</summary>
    private static ReadOnlySpan<byte> Policy =>
    [
        //             Donate                       Return                   Lend                   Reclaim
        /* None */     No,                          No,                      No,                    No,
        /* Keeper */   (byte)PageState.Hypervisor,  No,                      (byte)PageState.Lent,  No,
        /* Lent */     No,                          No,                      No,                    (byte)PageState.Keeper,
        /* Hyperv. */  No,                          (byte)PageState.Keeper,  No,                    No,
    ];

    private const byte No = (byte)PageState.None;

    public static PageState Next(PageState state, PageEvent e) => (PageState)Policy[(int)state * 4 + (int)e];

    /// <summary>Number of the first page that it speaks of.</summary>
    public static ulong FirstPage => s_firstPage;

    /// <summary>Pages that it speaks of, and its bytes.</summary>
    public static ulong Pages => s_pages;

    /// <summary>Spans memory from one address to another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Initialise(ulong start, ulong end)
    {
        s_firstPage = start >> TranslationTables.PageShift;
        s_pages = (end - start) >> TranslationTables.PageShift;
    }

    /// <summary>Establishment only: what pages inside the table are at first.</summary>
    public static void Assign(ulong start, ulong end, PageState state)
    {
        for (; start < end; start += TranslationTables.PageSize) Record(start) = Pack(state, VmControl.Keeper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageState StateOf(ulong address, out uint vm)
    {
        byte record = Contains(address, 1) ? Record(address) : (byte)0;
        vm = record & 0x3Fu;
        return (PageState)(record >> 6);
    }

    /// <summary>Whether the table speaks of any byte of the range. It spans from the first byte of memory to the last, holes included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Overlaps(ulong address, ulong bytes) =>
        address < (s_firstPage + s_pages) << TranslationTables.PageShift && address + bytes > s_firstPage << TranslationTables.PageShift;

    /// <summary>Whether the keeper may access all the pages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool KeeperMayAccess(ulong address, ulong pages)
    {
        if (!Contains(address, pages)) return false;
        for (; pages > 0; pages--, address += TranslationTables.PageSize)
            if ((PageState)(Record(address) >> 6) is not (PageState.Keeper or PageState.Lent)) return false;
        return true;
    }

    /// <summary>
    /// Moves all the pages, or none. A page leaves Lent or Hypervisor only for the VM that it is tied to.
    /// </summary>
    public static bool TryMove(ulong address, ulong pages, PageEvent e, uint vm)
    {
        if (!Contains(address, pages)) return false;
        for (bool changes = false; ; changes = true) // looks at all of them before it changes one
        {
            for (ulong i = 0; i < pages; i++)
            {
                ref byte record = ref Record(address + (i << TranslationTables.PageShift));
                uint state = (uint)record >> 6, next = (uint)Next((PageState)state, e);
                if (next == No || (state != (uint)PageState.Keeper && (record & 0x3F) != vm)) return false;
                if (changes) record = Pack((PageState)next, next == (uint)PageState.Keeper ? VmControl.Keeper : vm);
            }
            if (changes) return true;
        }
    }

    // Wraps around nowhere: page numbers have 52 bits, counts are compared by subtraction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Contains(ulong address, ulong pages)
    {
        ulong index = (address >> TranslationTables.PageShift) - s_firstPage;
        return index < s_pages && pages <= s_pages - index;
    }

    private static ref byte Record(ulong address) => ref PhysicalMemory.Owner(address >> TranslationTables.PageShift);

    private static byte Pack(PageState state, uint vm) => (byte)((uint)state << 6 | vm);
}
