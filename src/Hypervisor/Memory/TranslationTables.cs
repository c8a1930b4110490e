using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>
/// A tree of translation tables: 4 kB granule, 39-bit input, three levels (Arm ARM, "VMSAv8-64 translation table format
/// descriptors"). Stage 2 and EL2's own stage 1 have the same shape and differ in attributes only.
/// <code>
///   level 1: 512 × 1 GB ──▶ level 2: 512 × 2 MB ──▶ level 3: 512 × 4 kB
///   entry: 0 nothing │ …01 block (level 1, 2) │ …11 table (level 1, 2) or page (level 3)
/// </code>
/// An entry changes only from nothing to something or back, never from one mapping to another: whoever clears one invalidates
/// the TLBs before the next Map ("break before make").
/// </summary>
internal struct TranslationTables
{
    public const int PageShift = 12;
    public const ulong PageSize = 1ul << PageShift;
    public const ulong BlockSize = 1ul << 21;
    public const ulong InputLimit = 1ul << 39;

    private const int RootShift = 30, LevelBits = 9; // an entry of level 1 maps 1 GB, 512 times as much as one of level 2

    private const ulong TypeMask = 3, Table = 3, Page = 3, Block = 1;
    private const ulong AddressMask = 0x0000_FFFF_FFFF_F000;

    public ulong Root;  // physical addresses, all
    public ulong Next;  // the next unused page for a table
    public ulong End;   // the pages for tables end here
    public ulong Delta; // what to add to reach a table from EL2

    /// <summary>Takes zeroed pages from the first to the end; the first is the root.</summary>
    public void Initialise(ulong first, ulong end, ulong delta)
    {
        Root = first;
        Next = first + PageSize;
        End = end;
        Delta = delta;
    }

    /// <summary>
    /// Maps a range, page aligned and under <see cref="InputLimit"/>, with the largest blocks that its alignment allows.
    /// When it fails, what it mapped of the range stays mapped.
    /// </summary>
    /// <returns>Success, AlreadyMapped or NoMemory.</returns>
    public HvcStatus Map(ulong input, ulong output, ulong size, ulong attributes)
    {
        while (size != 0)
        {
            int shift = RootShift, last = LargestShift(input | output, size);
            ref ulong entry = ref Entry(Root, input, shift);
            while (shift > last)
            {
                if (entry == 0 && Next != End)
                {
                    entry = Next | Table;
                    Next += PageSize;
                }
                if ((entry & TypeMask) != Table) break;
                shift -= LevelBits;
                entry = ref Entry(entry & AddressMask, input, shift);
            }
            if (entry != 0) return HvcStatus.AlreadyMapped;
            if (shift != last) return HvcStatus.NoMemory; // there was no page for a table
            entry = output | attributes | (shift == PageShift ? Page : Block);
            ulong step = 1ul << shift;
            input += step;
            output += step;
            size -= step;
        }
        return HvcStatus.Success;
    }

    /// <summary>
    /// Clears every entry that maps a part of the range, so of a block that reaches out of it, all. Tables stay.
    /// The caller invalidates the TLBs.
    /// </summary>
    public void Unmap(ulong input, ulong size)
    {
        for (ulong end = input + size; input < end;)
        {
            int shift = RootShift;
            ref ulong entry = ref Entry(Root, input, shift);
            while (shift > PageShift && (entry & TypeMask) == Table)
            {
                shift -= LevelBits;
                entry = ref Entry(entry & AddressMask, input, shift);
            }
            entry = 0;
            input = (input | ((1ul << shift) - 1)) + 1;
        }
    }

    // Of the largest block, or a page, that the alignment allows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LargestShift(ulong alignment, ulong size)
    {
        int shift = RootShift;
        while (shift > PageShift && ((alignment & ((1ul << shift) - 1)) != 0 || size >> shift == 0)) shift -= LevelBits;
        return shift;
    }

    private readonly ref ulong Entry(ulong table, ulong input, int shift) =>
        ref PhysicalMemory.Word(table + Delta + ((input >> shift) & 511) * 8);
}
