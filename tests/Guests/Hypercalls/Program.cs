using System;
using System.Runtime;

namespace Pocketvisor.Guests;

/// <summary>Makes the keeper's hypercalls, with arguments of every kind, and calls that nobody knows.</summary>
internal static class Program
{
    private const ulong NotSupported = ulong.MaxValue;

    private static ulong s_refused, s_accepted;

    private static ReadOnlySpan<ulong> Arguments => [0, 1, 2, 0x4000_0000, 0x4020_0000, 0x4020_0001, 0x8000_0000_0000_0000, ulong.MaxValue];

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        Console.Line("hypercalls: start"u8);
        for (ulong function = 0xC600_0000; function < 0xC600_0010; function++)
            foreach (ulong a in Arguments)
                foreach (ulong b in Arguments)
                    foreach (ulong c in Arguments) Try(function, a, b, c);
        Console.Line("hypercalls: keeper's calls tried"u8, s_refused + s_accepted);

        // Every owner (Arm DEN 0028, "Function Identifiers"), fast and yielding, 32 and 64 bits.
        for (ulong kind = 0; kind < 4; kind++)
            for (ulong owner = 0; owner < 64; owner++)
                for (ulong number = 0; number < 16; number++)
                    if (owner is not 0 and not 4) Try(kind << 30 | owner << 24 | number, number, owner, kind);
        Try(0x8400_0020, 0, 0, 0);
        Try(0xC400_0FFF, 0, 0, 0);
        Try(0x8000_8000, 0, 0, 0);
        Try(0, 0, 0, 0);

        // PSCI with targets that are not there.
        foreach (ulong target in Arguments)
            if (target > 1) Psci(0xC400_0003, target);
        Console.Line("hypercalls: refused"u8, s_refused);
        Console.Line("hypercalls: accepted"u8, s_accepted);
    }

    private static void Try(ulong function, ulong a, ulong b, ulong c)
    {
        var call = new CallRegisters { X0 = function, X1 = a, X2 = b, X3 = c, X4 = a };
        Cpu.Hvc(ref call);
        Count(function, call.X0 == NotSupported);
        call = new CallRegisters { X0 = function, X1 = a, X2 = b, X3 = c, X4 = c };
        Cpu.Smc(ref call);
        Count(function, call.X0 == NotSupported);
        call = new CallRegisters { X0 = function, X1 = a, X2 = b, X3 = c, X4 = b };
        Cpu.HvcOther(ref call);
        Count(function, call.X0 == NotSupported);
    }

    private static void Psci(ulong function, ulong target)
    {
        var call = new CallRegisters { X0 = function, X1 = target, X2 = target, X3 = target };
        Cpu.Hvc(ref call);
        Count(function, (long)call.X0 < 0);
    }

    private static void Count(ulong function, bool refused)
    {
        if (refused)
        {
            s_refused++;
            return;
        }
        if (s_accepted++ > 8) return;
        Console.Print("guest: hypercalls: ACCEPTED "u8);
        Console.Hex(function);
        Console.Print("\r\n"u8);
    }
}
