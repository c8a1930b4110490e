using System;
using System.Collections.Generic;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>One block or page: input, output and size in bytes, whether it may be written.</summary>
internal readonly record struct Mapping(ulong Input, ulong Output, ulong Size, bool IsWritable, bool IsDevice);

/// <summary>
/// Stage 2 as the processor walks it (Arm ARM, "VMSAv8-64 translation table format descriptors"): from VTTBR_EL2, by physical addresses, 39 bits of input.
/// Fast enough for every step of a long history; shares no code with the hypervisor.
/// </summary>
internal static class HardwareWalk
{
    private const ulong AddressMask = 0x0000_FFFF_FFFF_F000;

    /// <summary>Everything that the tree maps, and the pages that it is made of.</summary>
    public static void Visit(ulong vttbr, List<Mapping> mappings, List<ulong> tables) => Visit(vttbr & AddressMask, 30, 0, mappings, tables);

    public static bool TryTranslate(ulong vttbr, ulong address, out Mapping mapping)
    {
        mapping = default;
        if (address >> 39 != 0) return false;
        ulong table = vttbr & AddressMask;
        for (int shift = 30; ; shift -= 9)
        {
            ulong entry = PhysicalMemory.Words(table)[(int)(address >> shift & 511)];
            if ((entry & 1) == 0) return false;
            if (shift == 12 || (entry & 2) == 0)
            {
                mapping = Leaf(entry, address >> shift << shift, shift);
                return true;
            }
            table = entry & AddressMask;
        }
    }

    private static void Visit(ulong table, int shift, ulong input, List<Mapping> mappings, List<ulong> tables)
    {
        tables.Add(table);
        ReadOnlySpan<ulong> words = PhysicalMemory.Words(table);
        for (int i = 0; ; i++)
        {
            int next = words[i..].IndexOfAnyExcept(0ul);
            if (next < 0) return;
            i += next;
            ulong entry = words[i], at = input | (ulong)i << shift;
            if ((entry & 1) == 0) continue;
            if (shift == 12 && (entry & 2) == 0) throw new InvalidOperationException($"entry {entry:x} for {at:x} is reserved at level 3");
            if (shift == 12 || (entry & 2) == 0) mappings.Add(Leaf(entry, at, shift));
            else Visit(entry & AddressMask, shift - 9, at, mappings, tables);
            if (i == 511) return;
        }
    }

    // S2AP [7:6], MemAttr [5:2]: 0b00xx is device memory.
    private static Mapping Leaf(ulong entry, ulong input, int shift) =>
        new(input, (entry & AddressMask) >> shift << shift, 1ul << shift, (entry >> 7 & 1) != 0, (entry >> 4 & 3) == 0);
}
