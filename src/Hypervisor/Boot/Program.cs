using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using Pocketvisor.Abi;
using Pocketvisor.DeviceTree;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Traps;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Boot;

/// <summary>
/// From the boot loader's jump to the keeper's first instruction. Everything lies in the 4 MB that the image header claims:
/// <code>
///   image ──▶ ┌────────────────┐ 0       code, constants │ statics
///             │ hypervisor     │         EL2
///             ├────────────────┤ 64 kB
///             │ keeper's image │         the keeper
///             ├────────────────┤
///             │ owner table    │ 1 byte a page of memory
///             │ EL2's tables   │         EL2
///             │ keeper's VM    │ control pages, as for every VM
///             │ stacks         │ 8 kB a core: a hole, then the stack
///             ├────────────────┤
///             │ free           │         the keeper
///             └────────────────┘ 4 MB
/// </code>
/// </summary>
internal static class Program
{
    private const ulong ImageLimit = 4ul << 20;
    private const ulong PageSize = TranslationTables.PageSize;
    private const ulong StackStride = 2 * PageSize;
    private const ulong KeeperTablePages = 32;
    private const int DeviceTreeLimit = 2 << 20; // booting.rst: at most 2 MB

    private static ulong s_image, s_deviceTree;
    private static ulong s_owners, s_control, s_controlPages, s_stacks, s_end;

    [RuntimeExport("hypervisor_main")]
    private static void Main(ulong deviceTree, ulong image)
    {
        Console.Base = Console.DefaultBase;
        s_deviceTree = deviceTree;
        s_image = image;
        if (deviceTree == 0 || (deviceTree & 7) != 0 || FdtReader.TotalSize(PhysicalMemory.Bytes(deviceTree, 8)) - 1 >= DeviceTreeLimit)
            Fail("a device tree in x0"u8);
        if (!Handset.TryDiscover(DeviceTree, out var missing)) Fail(missing);
        if (((Cpu.IchVtrEl2() & 31) + 1) < Interrupts.Vgic.ListRegisters) Fail("four list registers in the GIC"u8);

        ulong keeper = Cpu.KeeperImage(), keeperSize = PhysicalMemory.Word(keeper + 16);
        if ((uint)PhysicalMemory.Word(keeper + 56) != 0x644D_5241 || keeperSize >= ImageLimit) Fail("the keeper behind the hypervisor"u8); // "ARM\x64"

        ulong pages = (Handset.MemoryEnd - Handset.MemoryStart) / PageSize, cores = (ulong)Cores.Count;
        s_owners = RoundUp(keeper + keeperSize);
        ulong tables = RoundUp(s_owners + pages);
        s_control = tables + AddressSpace.TablePages * PageSize;
        s_controlPages = 2 + cores + KeeperTablePages;
        s_stacks = s_control + s_controlPages * PageSize;
        s_end = s_stacks + cores * StackStride;
        if (s_end > image + ImageLimit) Fail("less memory: its owner table must fit into 4 MB"u8);
        Cpu.ZeroMemory(s_owners, s_end - s_owners);

        AddressSpace.Initialise(tables, s_owners);
        ulong code = Cpu.CodeEnd();
        bool mapped = AddressSpace.TryMapCode(image, code - image)
            && AddressSpace.TryMapData(code, Cpu.BssEnd() - code)
            && AddressSpace.TryMapData(s_owners, s_stacks - s_owners)
            && AddressSpace.TryMapDevice(Console.Base & ~(PageSize - 1), PageSize)
            && AddressSpace.TryMapDevice(Handset.Gicd, Handset.GicdSize)
            && AddressSpace.TryMapDevice(Handset.Gicr, Handset.GicrEnd - Handset.Gicr);
        for (ulong i = 0; i < cores; i++) mapped &= AddressSpace.TryMapData(s_stacks + i * StackStride + PageSize, PageSize);
        if (!mapped) Fail("its devices and memory below 256 GB"u8);

        OwnerTable.Initialise(Handset.MemoryStart, pages);
        Handset.AssignMemory(DeviceTree);
        OwnerTable.Assign(image, keeper - image, PageState.Hypervisor);
        OwnerTable.Assign(s_owners, s_end - s_owners, PageState.Hypervisor);
        Handset.BytesKept = keeper - image + s_end - s_owners;
        Announce();
        Cpu.SetStacks(s_stacks);
        Cpu.Activate(AddressSpace.Root, s_stacks + StackStride);
    }

    /// <summary>On the final tables and core 0's own stack.</summary>
    [RuntimeExport("boot_continue")]
    private static void Continue()
    {
        AddressSpace.OpenWindow(VmControl.Keeper, s_control, s_controlPages);
        VmLifecycle.Initialise(VmControl.Keeper, s_control, s_controlPages, Cores.Count);
        PhysicalGic.InitialiseDistributor();
        // The boot core need not be the first in the tree.
        uint core = Cores.IndexOf(Cpu.MpidrEl1() & Handset.AffinityMask);
        ref Vcpu vcpu = ref PhysicalMemory.Vcpu(VmControl.Keeper, core);
        VmLifecycle.Reset(ref vcpu, Cpu.KeeperImage(), s_deviceTree);
        vcpu.X[1] = s_end;
        vcpu.State = VcpuState.Running;
        EnterKeeper(core);
    }

    /// <summary>Another core, turned on by the keeper (Hypercalls/Psci.cs).</summary>
    [RuntimeExport("secondary_main")]
    private static void Secondary(ulong core) => EnterKeeper((uint)core);

    private static void EnterKeeper(uint index)
    {
        ref Core core = ref Cores.At(index);
        Cpu.InitialiseCore();
        if (!PhysicalGic.InitialiseCore(ref core)) Fail("a redistributor for each core"u8);
        ref Vcpu vcpu = ref PhysicalMemory.Vcpu(VmControl.Keeper, index);
        World.Begin(ref vcpu);
    }

    private static void Announce()
    {
        Console.Print("pocketvisor: "u8);
        var tree = new FdtReader(DeviceTree);
        tree.NextNode();
        var board = tree.Property("compatible"u8);
        for (int i = 0; i < board.Length && board[i] != 0; i++) Console.Print(board.Slice(i, 1));
        Console.Print(", "u8);
        Console.Decimal((ulong)Cores.Count);
        Console.Print(" cores, "u8);
        Console.Decimal(Handset.MemoryBytes >> 20);
        Console.Print(" MB memory, GICv3; hypervisor keeps "u8);
        Console.Decimal(Handset.BytesKept >> 10);
        Console.Print(" kB\r\n"u8);
    }

    [DoesNotReturn]
    private static void Fail(ReadOnlySpan<byte> missing)
    {
        Console.Print("pocketvisor: can't start: this handset lacks "u8);
        Console.Print(missing);
        Console.Print("\r\n"u8);
        Cpu.Halt();
    }

    // Checked in Main.
    private static ReadOnlySpan<byte> DeviceTree =>
        PhysicalMemory.Bytes(s_deviceTree, (int)FdtReader.TotalSize(PhysicalMemory.Bytes(s_deviceTree, 8)));

    private static ulong RoundUp(ulong address) => (address + PageSize - 1) & ~(PageSize - 1);
}
