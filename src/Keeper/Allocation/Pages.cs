using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Allocation;

/// <summary>
/// The keeper's own pool of 4 kB pages: translation tables, stacks, queues shared with the handset's devices, control pages of VMs.
/// Guest memory comes from elsewhere (<see cref="RangeAllocator"/>).
/// </summary>
public static class Pages
{
    public const ulong Size = 4096;

    private static SpinLock s_lock;
    private static ulong s_unused, s_end;  // at first: from here upwards, never freed
    private static bool s_hasRanges;        // then s_ranges counts. A reference cannot be read, not even as null, before there is a heap
    private static RangeAllocator s_ranges;

    /// <summary>Gives the pool its memory.</summary>
    public static void Initialize(ulong start, ulong end)
    {
        s_unused = start;
        s_end = end;
    }

    /// <summary>Once the heap works, pages can be freed again.</summary>
    public static void EnableRelease()
    {
        s_ranges = new RangeAllocator(Size, 256);
        s_ranges.TryRelease(s_unused, s_end - s_unused);
        s_hasRanges = true;
    }

    /// <summary>Contiguous zeroed pages; their physical address, or 0 if the pool has no such range.</summary>
    public static ulong Allocate(int count)
    {
        ulong size = (ulong)count * Size, address;
        s_lock.Enter();
        if (s_hasRanges)
        {
            if (!s_ranges.TryAllocate(size, out address)) address = 0;
        }
        else if (size > s_end - s_unused)
        {
            address = 0;
        }
        else
        {
            address = s_unused;
            s_unused += size;
        }
        s_lock.Exit();
        if (address != 0) Machine.Memory.Clear(address, size);
        return address;
    }

    public static void Release(ulong address, int count)
    {
        s_lock.Enter();
        bool released = s_ranges.TryRelease(address, (ulong)count * Size);
        s_lock.Exit();
        if (!released) Panic.Because("a page was released twice"u8);
    }
}
