using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Keeper.Allocation;

namespace Pocketvisor.Keeper.Machine;

/// <summary>
/// The keeper's own translation tables (stage 1), built once: memory and devices at their physical addresses, the image at
/// its linked one (image.ld). Nothing that is writable is executable: of the image only code is, and it has no other mapping.
/// </summary>
public static unsafe class AddressSpace
{
    // [54] UXN | [53] PXN | [10] AF | [9:8] SH (3 inner) | [7:6] AP (0 read-write) | [4:2] MAIR index | [1:0] 1 block, 3 page or table
    private const ulong Device = 0x0060_0000_0000_0405 & ~3UL;
    private const ulong Normal = 0x0060_0000_0000_0701 & ~3UL;
    private const ulong Block = 1, TableOrPage = 3;
    private const ulong AddressMask = 0x0000_FFFF_FFFF_F000;
    private const int Level1Shift = 30, PageShift = 12, BitsPerLevel = 9;

    /// <summary>The image's GB in the first level.</summary>
    private const int ImageEntry = 511;

    private static ulong* s_root;
    private static ulong s_imagePhysical;

    /// <summary>Physical address of the image's first byte.</summary>
    public static ulong ImageStart => s_imagePhysical;

    /// <summary>Physical address after the image and its bss.</summary>
    public static ulong ImageEnd => s_imagePhysical + (LinkedEnd() - LinkedStart());

    /// <summary>Says where the image lies.</summary>
    public static void SetImage(ulong physical) => s_imagePhysical = physical;

    /// <summary>Begins the tables, with the image in them.</summary>
    public static void Initialize()
    {
        s_root = (ulong*)Pages.Allocate(1);
        s_root[ImageEntry] = PhysicalOf(ImageTable()) | TableOrPage;
        *(ulong*)SecondaryRoot() = (ulong)s_root;
    }

    /// <summary>Physical address of something in the image.</summary>
    public static ulong PhysicalOf(ulong linked) => linked - LinkedStart() + s_imagePhysical;

    public static void MapMemory(ulong start, ulong end)
    {
        ulong imageStart = ImageStart, imageEnd = ImageEnd;
        if (start < imageEnd && imageStart < end)
        {
            if (start < imageStart) Map(start, imageStart, Normal);
            if (imageEnd < end) Map(imageEnd, end, Normal);
        }
        else
        {
            Map(start, end, Normal);
        }
    }

    /// <summary>Maps the pages that a device's registers are in.</summary>
    public static void MapDevice(ulong address, ulong size) =>
        Map(address & ~(Pages.Size - 1), (address + size + Pages.Size - 1) & ~(Pages.Size - 1), Device);

    /// <summary>From now on this core translates by these tables.</summary>
    public static void Use() => Use((ulong)s_root);

    private static void Map(ulong start, ulong end, ulong attributes)
    {
        if (end > (ulong)ImageEntry << Level1Shift) Panic.Because("handset memory lies below 511 GB"u8);
        while (start < end) start += MapOne(start, end, attributes);
    }

    // Maps the largest block that begins here, or a page; its size.
    private static ulong MapOne(ulong at, ulong end, ulong attributes)
    {
        ulong* table = s_root;
        for (int shift = Level1Shift; ; shift -= BitsPerLevel)
        {
            ulong size = 1UL << shift;
            ref ulong entry = ref table[at >> shift & 511];
            bool page = shift == PageShift;
            if (page || (at & (size - 1)) == 0 && end - at >= size && entry == 0)
            {
                entry = at | attributes | (page ? TableOrPage : Block);
                return size;
            }
            if (entry == 0) entry = NewTable() | TableOrPage;
            else if ((entry & 3) == Block) return size - (at & (size - 1)); // mapped already, by a larger block
            table = (ulong*)(entry & AddressMask);
        }
    }

    private static ulong NewTable()
    {
        ulong table = Pages.Allocate(1);
        if (table == 0) Panic.Because("the pool has pages for translation tables"u8);
        return table;
    }

    [RuntimeImport("*", "address_space_use"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Use(ulong root);
    [RuntimeImport("*", "image_address"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong LinkedStart();
    [RuntimeImport("*", "image_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong LinkedEnd();
    [RuntimeImport("*", "image_table"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong ImageTable();
    [RuntimeImport("*", "image_secondary_root"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong SecondaryRoot();
}
