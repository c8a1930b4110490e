using System.Numerics;
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
    /// When it fails, the first bytes of the range, as many as mapped says, stay mapped.
    /// </summary>
    /// <returns>Success, AlreadyMapped or NoMemory.</returns>
    public HvcStatus Map(ulong input, ulong output, ulong size, ulong attributes, out ulong mapped)
    {
        mapped = 0;
        while (mapped < size)
        {
            int level = 1, last = LargestLevel(input | output, size - mapped);
            ref ulong entry = ref Entry(Root, input, level);
            while (level < last)
            {
                if (entry == 0)
                {
                    if (Next == End) return HvcStatus.NoMemory;
                    entry = Next | Table;
                    Next += PageSize;
                }
                if ((entry & TypeMask) != Table) return HvcStatus.AlreadyMapped;
                entry = ref Entry(entry & AddressMask, input, ++level);
            }
            if (entry != 0) return HvcStatus.AlreadyMapped;
            entry = output | attributes | (level == 3 ? Page : Block);
            ulong step = 1ul << Shift(level);
            input += step;
            output += step;
            mapped += step;
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
            int level = 1;
            ref ulong entry = ref Entry(Root, input, level);
            while (level < 3 && (entry & TypeMask) == Table) entry = ref Entry(entry & AddressMask, input, ++level);
            entry = 0;
            input = (input | ((1ul << Shift(level)) - 1)) + 1;
        }
    }

    private static int LargestLevel(ulong alignment, ulong size)
    {
        int zeros = BitOperations.TrailingZeroCount(alignment);
        return zeros >= 30 && size >= 1ul << 30 ? 1 : zeros >= 21 && size >= BlockSize ? 2 : 3;
    }

    private static int Shift(int level) => 39 - 9 * level;

    private readonly ref ulong Entry(ulong table, ulong input, int level) =>
        ref PhysicalMemory.Word(table + Delta + ((input >> Shift(level)) & 511) * 8);
}
