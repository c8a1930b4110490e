using System;
using System.Collections.Concurrent;
using Pocketvisor.Hypervisor.Tests;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>
/// The handset's memory, page by page, as EL2 reaches it. Unlike the real one it starts full of junk, has no memory where none was
/// opened, and goes through EL2's own tables for every access to a window: one that is closed, or a page that was never zeroed, throws.
/// </summary>
internal static partial class PhysicalMemory
{
    public const ulong Windows = 0x40_0000_0000;
    private const ulong AddressMask = 0x0000_FFFF_FFFF_F000;

    private static readonly ConcurrentDictionary<ulong, ulong[]> s_pages = [];
    private static readonly ConcurrentDictionary<ulong, Vm[]> s_vms = [];
    private static readonly ConcurrentDictionary<ulong, Vcpu[]> s_vcpus = [];
    private static byte[] s_owners = [];
    private static ulong s_windowTable;

    public static ulong Window(uint index) => Windows + ((ulong)index << 21);

    public static void Initialise(ulong owners, ulong windowTable)
    {
        _ = owners; // lies in an array of its own
        s_windowTable = windowTable;
    }

    public static void Reset(int ownerBytes)
    {
        s_pages.Clear();
        s_vms.Clear();
        s_vcpus.Clear();
        s_owners = new byte[ownerBytes];
        s_windowTable = 0;
        s_order = [];
    }

    public static ref byte Owner(ulong page) => ref s_owners[page - (FakeHandset.Memory >> 12)];

    /// <summary>The owner table, byte for byte.</summary>
    public static byte[] Owners() => [.. s_owners];

    /// <summary>The same, without a copy.</summary>
    public static ReadOnlySpan<byte> OwnerBytes => s_owners;

    /// <summary>The words of a physical page, to look at.</summary>
    public static ReadOnlySpan<ulong> Words(ulong physical) => Page(physical);

    public static ref ulong Word(ulong address)
    {
        if ((address & 7) != 0) throw new InvalidOperationException($"Unaligned access to {address:x}.");
        ulong physical = Translate(address);
        return ref Page(physical)[(physical & 0xFFF) / 8];
    }

    public static ref ulong WindowEntry(uint index) => ref Word(s_windowTable + index * 8);

    /// <summary>Entries of all windows.</summary>
    public static ReadOnlySpan<ulong> WindowEntries => Words(s_windowTable)[..(Abi.VmControl.MaxVms + 1)];

    public static ref Vm Vm(uint vm) => ref Typed(s_vms, Window(vm) + 0x1000);

    public static ref Vm VmOf(ref Vcpu vcpu) => ref Vm(vcpu.Vm);

    public static ref Vcpu Vcpu(uint vm, uint index) => ref Typed(s_vcpus, Window(vm) + 0x2000 + ((ulong)index << 12));

    /// <summary>Zeroes physical pages through EL2's eyes.</summary>
    public static void Zero(ulong address, ulong bytes)
    {
        for (ulong end = address + bytes; address < end; address += 0x1000)
        {
            ulong physical = Translate(address) & AddressMask;
            Page(physical).AsSpan().Clear();
            if (s_vms.TryGetValue(physical, out var vm)) vm[0] = default;
            if (s_vcpus.TryGetValue(physical, out var vcpu)) vcpu[0] = default;
        }
    }

    /// <summary>Whether a physical page holds nothing.</summary>
    public static bool IsZero(ulong physical) =>
        s_pages.TryGetValue(physical, out ulong[] page) && !page.AsSpan().ContainsAnyExcept(0ul);

    /// <summary>Somebody above EL2 writes to a page.</summary>
    public static void Scribble(ulong physical) => Page(physical).AsSpan().Fill(0x5C71_BB1E_5C71_BB1E);

    // A control structure lives beside the words of its page; those are junk as soon as it is used, so that only Zero makes the page zero.
    private static ref T Typed<T>(ConcurrentDictionary<ulong, T[]> all, ulong address)
        where T : struct
    {
        ulong physical = Translate(address);
        if (!all.TryGetValue(physical, out var box))
        {
            all[physical] = box = new T[1];
            s_order = [];
        }
        ulong[] page = Page(physical);
        if (page[1] == 0)
        {
            if (!IsZero(physical)) throw new InvalidOperationException($"Control page {physical:x} was not zeroed before its first use.");
            page.AsSpan().Fill(0xC0C0_C0C0_C0C0_C0C0);
        }
        else if (page[1] != 0xC0C0_C0C0_C0C0_C0C0)
        {
            throw new InvalidOperationException($"Control page {physical:x} holds something else.");
        }
        return ref box[0];
    }

    private static ulong[] Page(ulong physical)
    {
        physical &= AddressMask;
        if (s_pages.TryGetValue(physical, out ulong[] page)) return page;
        page = new ulong[512];
        for (ulong i = 0; i < 512; i++) page[i] = (physical + i) * 0x9E37_79B9_7F4A_7C15 | 2; // never zero
        s_order = [];
        return s_pages[physical] = page;
    }

    // EL2's stage 1, as far as windows go: a level-2 table of windows, each nothing, a block, or a table of pages.
    private static ulong Translate(ulong address)
    {
        if (address < Windows) return address;
        ulong index = (address - Windows) >> 21;
        ulong entry = s_windowTable == 0 || index > Abi.VmControl.MaxVms ? 0 : Page(s_windowTable)[((s_windowTable & 0xFFF) / 8) + index];
        if ((entry & 3) == 1) return (entry & AddressMask & ~0x1F_FFFFul) | (address & 0x1F_FFFF);
        ulong page = (entry & 3) == 3 ? Page(entry)[(address >> 12) & 511] : 0;
        if ((page & 3) != 3) throw new InvalidOperationException($"EL2 has nothing mapped at {address:x}.");
        return (page & AddressMask) | (address & 0xFFF);
    }
}
