using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>What a store of somebody above EL2 leaves in a page: one word, somewhere else in each.</summary>
internal static class Marks
{
    public static int Word(ulong page) => (int)((page >> 12) * 211 & 511);

    public static ulong Of(ulong page) => 0x5C71_BB1E_0000_0001 | page & ~0xFFFul;

    public static void Store(ulong physical) => PhysicalMemory.Word((physical & ~0xFFFul) + 8 * (ulong)Word(physical)) = Of(physical);
}
