using System.Runtime;

namespace Pocketvisor.Guests;

/// <summary>Calls the hypervisor without end, on every vCPU, by HVC and SMC in turn.</summary>
internal static class Program
{
    private const ulong Report = 50_000;

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        var machine = new Machine(tree);
        Console.Line("flood: start"u8);
        for (ulong i = 1; i < machine.Cores; i++) Cpu.TurnOn(i);
        for (ulong calls = 0; ; calls += Report)
        {
            Console.Line("flood: calls"u8, calls);
            Flood(Report / 2);
        }
    }

    [RuntimeExport("guest_secondary")]
    private static void Secondary(ulong index)
    {
        while (true) Flood(Report);
    }

    private static void Flood(ulong pairs)
    {
        for (ulong i = 0; i < pairs; i++)
        {
            var call = new CallRegisters { X0 = 0xC600_0000 + i % 32 };
            Cpu.Hvc(ref call);
            call.X0 = 0x8400_0000;
            Cpu.Smc(ref call);
        }
    }
}
