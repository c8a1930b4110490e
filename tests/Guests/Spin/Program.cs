using System.Runtime;

namespace Pocketvisor.Guests;

/// <summary>Every vCPU runs in a circle and never lets go.</summary>
internal static class Program
{
    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        var machine = new Machine(tree);
        Console.Line("spin: start"u8);
        ulong on = 1;
        for (ulong i = 1; i < machine.Cores; i++)
            if (Cpu.TurnOn(i) == 0) on++;
        Console.Line("spin: cores"u8, on);
        Secondary(0);
    }

    [RuntimeExport("guest_secondary")]
    private static void Secondary(ulong index)
    {
        while (true) { }
    }
}
