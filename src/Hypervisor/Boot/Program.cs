using System;
using System.Runtime;
using Pocketvisor.Abi;
using Pocketvisor.DeviceTree;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
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
    private const uint ImageMagic = 0x644D_5241;  // "ARM\x64"

    [RuntimeExport("hypervisor_main")]
    private static void Main(ulong deviceTree, ulong image)
    {
        Console.Base = Console.DefaultBase;
        var tree = new FdtReader(PhysicalMemory.Bytes(deviceTree, DeviceTreeLimit));
        Handset.Discover(ref tree);
        Require((Cpu.IchVtrEl2() & 31) + 1 >= Vgic.ListRegisters, "four list registers in the GIC"u8);
        ulong keeper = Cpu.KeeperImage();
        Require((uint)PhysicalMemory.Word(keeper + 56) == ImageMagic, "the keeper behind the hypervisor"u8);

        // Where everything lies.
        ulong pages = (Handset.MemoryEnd - Handset.MemoryStart) / PageSize, cores = Cores.Count;
        ulong owners = RoundUp(keeper + PhysicalMemory.Word(keeper + 16));
        ulong tables = RoundUp(owners + pages);
        ulong control = tables + AddressSpace.TablePages * PageSize;
        ulong stacks = control + (2 + cores + KeeperTablePages) * PageSize;
        ulong end = stacks + cores * StackStride;
        Require(end - image <= ImageLimit, "an owner table that fits into 4 MB"u8);
        Cpu.ZeroMemory(owners, end - owners);

        AddressSpace.Initialise(tables, owners);
        ulong code = Cpu.CodeEnd();
        AddressSpace.MapCode(image, code - image);
        AddressSpace.MapData(code, Cpu.BssEnd() - code);
        AddressSpace.MapData(owners, stacks - owners);
        AddressSpace.MapDevice(Console.Base & ~(PageSize - 1), PageSize);
        AddressSpace.MapDevice(Handset.Gicd, Handset.GicdSize);
        AddressSpace.MapDevice(Handset.Gicr, Handset.GicrEnd - Handset.Gicr);
        for (ulong stack = stacks; stack < end; stack += StackStride) AddressSpace.MapData(stack + PageSize, PageSize);

        OwnerTable.Initialise(Handset.MemoryStart, pages);
        for (int i = 0; i < Handset.BankCount; i++) OwnerTable.Assign(Handset.Banks[i].Start, Handset.Banks[i].Size, PageState.Keeper);
        OwnerTable.Assign(image, keeper - image, PageState.Hypervisor);
        OwnerTable.Assign(owners, end - owners, PageState.Hypervisor);
        Handset.BytesKept = keeper - image + end - owners;

        Console.Print("pocketvisor: "u8, Cores.Count);
        Console.Print(" cores, GICv3, "u8, pages * PageSize >> 20);
        Console.Print(" MB memory; hypervisor keeps "u8, Handset.BytesKept >> 10);
        Console.Print(" kB\r\n"u8);
        Cpu.SetStacks(stacks);
        Cpu.Activate(AddressSpace.Root, stacks + StackStride, deviceTree, control, end);
    }

    /// <summary>On the final tables and core 0's own stack. The arguments are Main's.</summary>
    [RuntimeExport("boot_continue")]
    private static void Continue(ulong deviceTree, ulong control, ulong end)
    {
        ulong pages = 2 + Cores.Count + KeeperTablePages;
        AddressSpace.OpenWindow(VmControl.Keeper, control, pages);
        VmLifecycle.Initialise(VmControl.Keeper, control, pages, Cores.Count);
        PhysicalGic.InitialiseDistributor();
        // The boot core need not be the first in the tree.
        uint core = Cores.IndexOf(Cpu.MpidrEl1() & Handset.AffinityMask);
        ref Vcpu vcpu = ref PhysicalMemory.Vcpu(VmControl.Keeper, core);
        VmLifecycle.Reset(ref vcpu, Cpu.KeeperImage(), deviceTree);
        vcpu.X[1] = end;
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
        Require(PhysicalGic.InitialiseCore(ref core), "a redistributor for each core"u8);
        ref Vcpu vcpu = ref PhysicalMemory.Vcpu(VmControl.Keeper, index);
        World.Begin(ref vcpu);
    }

    /// <summary>What a handset must have; without it there is one sentence on the console, and nothing starts.</summary>
    public static void Require(bool condition, ReadOnlySpan<byte> what)
    {
        if (condition) return;
        Console.Print("pocketvisor: can't start: this handset lacks "u8);
        Console.Print(what);
        Console.Print("\r\n"u8);
        Cpu.Halt();
    }

    private static ulong RoundUp(ulong address) => (address + PageSize - 1) & ~(PageSize - 1);
}
