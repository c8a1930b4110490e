using System.Collections.Generic;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Tests.Memory;

/// <summary>What a translation says: where it begins, how much it maps, where to, and how.</summary>
internal readonly record struct Leaf(ulong Input, ulong Size, ulong Output, ulong Attributes);

/// <summary>Reads translation tables as the Arm ARM draws them ("VMSAv8-64 translation table format descriptors"). Shares no code with the mapper.</summary>
internal static class SecondWalker
{
    /// <summary>Everything that the tree of tables maps, in order.</summary>
    public static List<Leaf> Leaves(ulong root, ulong delta)
    {
        var leaves = new List<Leaf>();
        for (ulong i = 0; i < 512; i++)
        {
            ulong e1 = Descriptor(root, i, delta);
            if ((e1 & 1) == 0) continue;
            if ((e1 & 2) == 0)
            {
                leaves.Add(new Leaf(i << 30, 1 << 30, e1 & 0x0000_FFFF_C000_0000, e1 & 0xFFF0_0000_3FFF_FFFC));
                continue;
            }
            for (ulong j = 0; j < 512; j++)
            {
                ulong e2 = Descriptor(e1 & 0x0000_FFFF_FFFF_F000, j, delta);
                if ((e2 & 1) == 0) continue;
                if ((e2 & 2) == 0)
                {
                    leaves.Add(new Leaf(i << 30 | j << 21, 1 << 21, e2 & 0x0000_FFFF_FFE0_0000, e2 & 0xFFF0_0000_001F_FFFC));
                    continue;
                }
                for (ulong k = 0; k < 512; k++)
                {
                    ulong e3 = Descriptor(e2 & 0x0000_FFFF_FFFF_F000, k, delta);
                    if ((e3 & 1) == 0) continue;
                    Xunit.Assert.Equal(3u, e3 & 3); // …01 is reserved at level 3
                    leaves.Add(new Leaf(i << 30 | j << 21 | k << 12, 1 << 12, e3 & 0x0000_FFFF_FFFF_F000, e3 & 0xFFF0_0000_0000_0FFC));
                }
            }
        }
        return leaves;
    }

    private static ulong Descriptor(ulong table, ulong index, ulong delta) => PhysicalMemory.Word(table + delta + index * 8);
}
