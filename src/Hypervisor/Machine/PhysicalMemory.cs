using System.Runtime.CompilerServices;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>
/// Where EL2 reaches memory. Its own image and data lie at their physical addresses; the control pages of VM n in window n;
/// a page that it zeroes in a window of its own, for just as long.
/// <code>
///   0x40_0000_0000  window of VM 0 (2 MB): its control pages in their order
///                   … VM 31
///   0x40_0400_0000  the 2 MB in which pages are being zeroed
/// </code>
/// </summary>
internal static unsafe class PhysicalMemory
{
    public const ulong Windows = 0x40_0000_0000;
    private const ulong WindowSize = 1ul << 21;

    private static ulong s_owners;      // where page 0's byte of the owner table would be
    private static ulong s_windowTable; // the level-2 table of EL2's last GB

    public static ulong Window(uint index) => Windows + ((ulong)index << 21);

    public static void Initialise(ulong owners, ulong windowTable)
    {
        s_owners = owners;
        s_windowTable = windowTable;
    }

    public static ref ulong Word(ulong address) => ref *(ulong*)address;

    /// <summary>The owner table's byte for a page, by its number.</summary>
    public static ref byte Owner(ulong page) => ref *(byte*)(s_owners + page);

    public static ref ulong WindowEntry(uint index) => ref *(ulong*)(s_windowTable + index * 8);

    // Control pages: 0 the window's own table, 1 the VM, 2… its vCPUs, then stage-2 tables.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref Vm Vm(uint vm) => ref *(Vm*)(Window(vm) + 0x1000);

    /// <summary>The VM of a vCPU: one page, in the same window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref Vm VmOf(ref Vcpu vcpu) => ref *(Vm*)((ulong)Unsafe.AsPointer(ref vcpu) & ~(WindowSize - 1) | 0x1000);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref Vcpu Vcpu(uint vm, uint index) => ref *(Vcpu*)(Window(vm) + 0x2000 + ((ulong)index << 12));

    public static ref uint Register(ulong address) => ref *(uint*)address;
}
