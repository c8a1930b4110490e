using System.Runtime;

namespace Pocketvisor.Guests;

/// <summary>
/// Touches memory that is not its own. Command line: <c>read</c>, <c>write</c> or <c>execute</c>, and <c>address=HEX</c>, or <c>end=HEX</c>
/// bytes behind the end of its memory.
/// </summary>
internal static class Program
{
    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        var machine = new Machine(tree);
        ulong address = machine.Says("end="u8) ? machine.MemoryStart + machine.MemorySize + machine.Number("end="u8) : machine.Number("address="u8);
        Console.Print("guest: memory: "u8);
        Console.Print(machine.CommandLine);
        Console.Print(", so "u8);
        Console.Hex(address);
        Console.Print("\r\n"u8);
        if (machine.Says("write"u8)) Memory.Write32(address, 0x0BAD_0BAD);
        else if (machine.Says("execute"u8)) Cpu.Run(address);
        else Memory.Read32(address);
        Console.Line("memory: not stopped"u8);
    }
}
