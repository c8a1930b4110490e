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

    public static ulong Root => s_tables.Root;

    /// <summary>Starts with nothing mapped but the table of windows, whose page is the second.</summary>
    public static void Initialise(ulong pages, ulong owners)
    {
        ulong windows = pages + TranslationTables.PageSize;
        s_tables.Initialise(pages, pages + TablePages * TranslationTables.PageSize, 0);
        s_tables.Next = windows + TranslationTables.PageSize;
        PhysicalMemory.Word(pages + (PhysicalMemory.Windows >> 30) * 8) = windows | Table;
        PhysicalMemory.Initialise(owners, windows);
    }

    public static void MapCode(ulong address, ulong size) => Map(address, size, Normal | ReadOnly);
    public static void MapData(ulong address, ulong size) => Map(address, size, Normal | ExecuteNever);
    public static void MapDevice(ulong address, ulong size) => Map(address, size, 1ul << 10 | 1ul << 6 | ExecuteNever);

    /// <summary>Maps control pages into the VM's window. They are zero, and the first becomes the window's own table.</summary>
    public static void OpenWindow(uint vm, ulong control, ulong pages)
    {
        const ulong data = Normal | ExecuteNever | Page;
        ref ulong first = ref OpenZeroWindow(control);
        first = control | data;
        CloseZeroWindow();
        PhysicalMemory.WindowEntry(vm) = control | Table;
        Cpu.PublishTables();
        for (ulong i = 1; i < pages; i++)
            PhysicalMemory.Word(PhysicalMemory.Window(vm) + 8 * i) = control + i * TranslationTables.PageSize | data;
        Cpu.PublishTables();
    }

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
            OpenZeroWindow(address);
            Cpu.ZeroMemory(InZeroWindow(address), next - address);
            CloseZeroWindow();
            address = next;
        }
    }

    // Maps the 2 MB around an address for a moment.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong OpenZeroWindow(ulong address)
    {
        PhysicalMemory.WindowEntry(ZeroWindow) = address & ~(TranslationTables.BlockSize - 1) | Normal | ExecuteNever | Block;
        Cpu.PublishTables();
        return ref PhysicalMemory.Word(InZeroWindow(address));
    }

    private static void CloseZeroWindow() => CloseWindow(ZeroWindow);

    private static ulong InZeroWindow(ulong address) => PhysicalMemory.Window(ZeroWindow) + (address & (TranslationTables.BlockSize - 1));

    private static void Map(ulong address, ulong size, ulong attributes)
    {
        bool mapped = address + size <= PhysicalMemory.Windows && s_tables.Map(address, address, size, attributes, out _) == HvcStatus.Success;
        Boot.Program.Require(mapped, "devices and memory below 256 GB"u8);
    }
}
