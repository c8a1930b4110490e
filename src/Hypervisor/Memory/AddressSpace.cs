using System;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>
/// EL2's own translation tables (Arm ARM, "VMSAv8-64 … stage 1"): its code read-only, everything else never executed, and of the
/// handset's memory only what is EL2's. See the picture in <see cref="PhysicalMemory"/>.
/// </summary>
internal static class AddressSpace
{
    private const ulong Normal = 1ul << 2 | 3ul << 8 | 1ul << 10 | 1ul << 6; // attribute 1, inner shareable, AF, RES1
    private const ulong ExecuteNever = 1ul << 54, ReadOnly = 1ul << 7;
    private const ulong Table = 3, Page = 3, Block = 1;
    private const uint ZeroWindow = VmControl.MaxVms;

    /// <summary>Pages that the boot sets aside for these tables.</summary>
    public const int TablePages = 16;

    private static TranslationTables s_tables;

    /// <summary>Starts with nothing mapped but the table of windows, whose page is the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Initialise(ulong pages, ulong owners)
    {
        ulong windows = pages + TranslationTables.PageSize;
        s_tables.Initialise(pages, pages + TablePages * TranslationTables.PageSize, 0);
        s_tables.Next = windows + TranslationTables.PageSize;
        PhysicalMemory.Word(pages + (PhysicalMemory.Windows >> 30) * 8) = windows | Table;
        PhysicalMemory.Initialise(owners - OwnerTable.FirstPage, windows);
    }

    public static void MapCode(ulong start, ulong end) => Map(start, end, Normal | ReadOnly);
    public static void MapData(ulong start, ulong end) => Map(start, end, Normal);
    public static void MapDevice(ulong start, ulong end) => Map(start, end, 1ul << 10 | 1ul << 6);

    /// <summary>Maps control pages into the VM's window. They are zero, and the first becomes the window's own table.</summary>
    public static void OpenWindow(uint vm, ulong control, ulong pages)
    {
        const ulong data = Normal | ExecuteNever | Page;
        PhysicalMemory.Word(OpenZeroWindow(control)) = control | data;
        CloseWindow(ZeroWindow);
        PhysicalMemory.WindowEntry(vm) = control | Table;
        Cpu.PublishTables();
        for (ulong i = 1; i < pages; i++)
            PhysicalMemory.Word(PhysicalMemory.Window(vm) + 8 * i) = control + i * TranslationTables.PageSize | data;
        Cpu.PublishTables();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void CloseWindow(uint vm)
    {
        PhysicalMemory.WindowEntry(vm) = 0;
        Cpu.ForgetOwnTranslations();
    }

    /// <summary>Zeroes pages of any owner.</summary>
    public static void Zero(ulong address, ulong pages)
    {
        for (ulong end = address + (pages << TranslationTables.PageShift); address < end;)
        {
            ulong next = Math.Min(end, (address | (TranslationTables.BlockSize - 1)) + 1);
            Cpu.ZeroMemory(OpenZeroWindow(address), next - address);
            CloseWindow(ZeroWindow);
            address = next;
        }
    }

    // Maps the 2 MB around an address for a moment, and says where that is then.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong OpenZeroWindow(ulong address)
    {
        PhysicalMemory.WindowEntry(ZeroWindow) = address & ~(TranslationTables.BlockSize - 1) | Normal | ExecuteNever | Block;
        Cpu.PublishTables();
        return PhysicalMemory.Window(ZeroWindow) + (address & (TranslationTables.BlockSize - 1));
    }

    // Establishment has checked that ranges are disjoint and below the windows. TablePages are enough for the worst case: root, windows, and for the 4 MB of ours
    // and each of three devices two tables of each level. What would not be mapped all the same, would be an exception at its first use.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Map(ulong start, ulong end, ulong attributes)
    {
        if ((attributes & ReadOnly) == 0) attributes |= ExecuteNever; // whatever is writable
        s_tables.Map(start, start, end - start, attributes);
    }
}
