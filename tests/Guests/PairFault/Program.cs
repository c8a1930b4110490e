using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Guests;

/// <summary>Loads or stores a pair of registers, unaligned, half of it behind the end of its memory. Command line: <c>load</c> or <c>store</c>.</summary>
internal static class Program
{
    [RuntimeImport("*", "load_pair"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void LoadPair(ulong address);
    [RuntimeImport("*", "store_pair"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void StorePair(ulong address);

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        var machine = new Machine(tree);
        ulong address = machine.MemoryStart + machine.MemorySize - 11; // the first register's bytes are ours, of the second three
        Console.Line("pair: start"u8);
        if (machine.Says("store"u8)) StorePair(address);
        else LoadPair(address);
        Console.Line("pair: not stopped"u8);
    }
}
