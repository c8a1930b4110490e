using System.Runtime;

namespace Pocketvisor.Guests;

/// <summary>What a test guest did not mean to do.</summary>
internal static class Failures
{
    [RuntimeExport("guest_exception")]
    private static void Exception(ulong esr, ulong elr, ulong far)
    {
        Console.Print("guest: unexpected exception: esr "u8);
        Console.Hex(esr);
        Console.Print(" elr "u8);
        Console.Hex(elr);
        Console.Print(" far "u8);
        Console.Hex(far);
        Console.Print("\r\n"u8);
        Cpu.SystemOff();
    }

    [RuntimeExport("guest_panic")]
    private static void Panic(ulong check, ulong from)
    {
        Console.Line("failed check"u8, check);
        Console.Hex(from);
        Cpu.SystemOff();
    }
}
