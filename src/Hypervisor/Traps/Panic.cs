using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using Pocketvisor.Hypervisor.Hypercalls;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;
using Console = Pocketvisor.Hypervisor.Boot.Console;
using Handset = Pocketvisor.Hypervisor.Boot.Handset;

namespace Pocketvisor.Hypervisor.Traps;

/// <summary>
/// A broken invariant of our own, or a keeper that broke its word: says where on the handset's console and begins anew; soon after a start turns it off, for it would come to this again.
/// </summary>
internal static class Panic
{
    /// <summary>Kinds below this are the vector of an exception at EL2; from here on, checks of the language (System.Runtime.FailedCheck).</summary>
    private const ulong FirstCheck = 16;

    /// <summary>About a trap from the keeper.</summary>
    [DoesNotReturn]
    public static void Report(ReadOnlySpan<byte> what, ref Vcpu keeper) => Report(what, keeper.Core, keeper.Pc, ref keeper.X);

    /// <summary>From assembly: an exception at EL2 itself, or a check that failed there. Subtract the image's address to find the place in hypervisor.elf.</summary>
    [RuntimeExport("hypervisor_panic"), DoesNotReturn]
    private static void OwnMistake(ulong kind, ulong pc, ref GeneralRegisters registers) =>
        Report(kind < FirstCheck ? "exception at EL2, vector "u8 : "failed check at EL2, kind "u8, kind, pc, ref registers);

    [DoesNotReturn]
    private static void Report(ReadOnlySpan<byte> what, ulong kind, ulong pc, ref GeneralRegisters registers)
    {
        Console.Print("\r\npocketvisor: panic: "u8);
        Console.Print(what, kind);
        Console.Print("\r\nimage, pc, esr, far, hpfar, x0 to x30:"u8);
        Line(Cpu.KeeperImage() - 0x1_0000);
        Line(pc);
        Line(Cpu.EsrEl2());
        Line(Cpu.FarEl2());
        Line(Cpu.HpfarEl2());
        for (int i = 0; i < 31; i++) Line(registers[i]);
        // At first it is 0, which never comes.
        bool again = Handset.Description.RestartableAt - 1 < Cpu.CntpctEl0();
        Console.Print(again ? "\r\npocketvisor: restarting the handset\r\n"u8 : "\r\npocketvisor: too early; off\r\n"u8);
        Cpu.CallFirmware(again ? Psci.SystemReset : Psci.SystemOff, 0, 0, 0);
        Cpu.Halt();
    }

    private static void Line(ulong value)
    {
        Console.Print("\r\n  "u8);
        Console.Hex(value);
    }
}
