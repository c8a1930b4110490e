using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Memory;

/// <summary>A second mapper that keeps a list of pieces and counts the tables that it would need. Slow and obvious.</summary>
internal sealed class SimpleMap(int tables)
{
    private readonly HashSet<(int Level, ulong Index)> _tables = [];
    private int _left = tables;

    public SortedDictionary<ulong, Leaf> Leaves { get; } = [];

    public HvcStatus Map(ulong input, ulong output, ulong size, ulong attributes)
    {
        for (ulong mapped = 0; mapped < size;)
        {
            ulong at = input + mapped, to = output + mapped, left = size - mapped;
            int shift = new[] { 30, 21, 12 }.First(s => at % (1ul << s) == 0 && to % (1ul << s) == 0 && left >= 1ul << s);
            foreach (int above in new[] { 30, 21 })
            {
                if (above == shift) break;
                if (Leaves.TryGetValue(at >> above << above, out Leaf block) && block.Size == 1ul << above) return HvcStatus.AlreadyMapped;
                if (_tables.Contains((above, at >> above))) continue;
                if (_left == 0) return HvcStatus.NoMemory;
                _left--;
                _tables.Add((above, at >> above));
            }
            if (_tables.Contains((shift, at >> shift)) || Leaves.ContainsKey(at)) return HvcStatus.AlreadyMapped;
            Leaves[at] = new Leaf(at, 1ul << shift, to, attributes);
            mapped += 1ul << shift;
        }
        return HvcStatus.Success;
    }

    public void Unmap(ulong input, ulong size)
    {
        foreach (var leaf in Leaves.Values.Where(l => l.Input < input + size && input < l.Input + l.Size).ToList()) Leaves.Remove(leaf.Input);
        // A place for a whole block that was never filled, or whose block goes, stays a place for a block; tables stay too.
    }
}
