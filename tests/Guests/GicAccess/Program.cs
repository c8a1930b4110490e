using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;

namespace Pocketvisor.Guests;

/// <summary>Accesses of every size and alignment to its interrupt controller, mapped as memory so that nothing but the hypervisor looks at them.</summary>
internal static class Program
{
    private const ulong Alias = 0x40_0000_0000;

    // In assembly: the compiler would move the address on with the store itself, which the syndrome doesn't decode.
    [RuntimeImport("*", "touch"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Touch(ulong address);

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        Console.Line("gic: start"u8);
        Sweep(VirtualHandset.GicDistributor, 0x500);
        Sweep(VirtualHandset.GicDistributor + 0x60F0, 0x240);
        Sweep(VirtualHandset.GicDistributor + 0xFF00, 0x200);
        Sweep(VirtualHandset.GicRedistributor, 0x100);
        Sweep(VirtualHandset.GicRedistributor + 0x1_0000, 0x500);
        Sweep(VirtualHandset.GicRedistributor + 0x10_0000, 0x100);
        Sweep(VirtualHandset.Pl011 - 0x100, 0xF0);
        Console.Line("gic: end"u8);
    }

    private static void Sweep(ulong first, ulong size)
    {
        for (ulong at = Alias + first; at < Alias + first + size; at++) Touch(at);
    }
}
