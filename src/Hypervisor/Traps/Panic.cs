using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Traps;

/// <summary>A broken invariant of our own, or a keeper that broke its word: says where on the handset's console and turns it off.</summary>
internal static class Panic
{
    private const ulong SystemOff = 0x8400_0008;

    /// <summary>About a trap from the keeper.</summary>
    [DoesNotReturn]
    public static void Report(ReadOnlySpan<byte> what, ref Vcpu vcpu)
    {
        Start(what);
        Line("core "u8, vcpu.Core);
        Line("pc   "u8, vcpu.Pc);
        Line("esr  "u8, vcpu.Trap.Bits);
        Line("far  "u8, Cpu.FarEl2());
        Line("ipa  "u8, Cpu.HpfarEl2() << 8);
        for (int i = 0; i < 31; i++) Line("x"u8, vcpu.X[i]);
        Stop();
    }

    /// <summary>An exception at EL2 itself; kind is the vector, 0 to 7.</summary>
    [RuntimeExport("hypervisor_exception"), DoesNotReturn]
    private static void OwnException(ulong kind, ulong elr, ulong esr, ulong far)
    {
        Start("exception at EL2"u8);
        Line("vector "u8, kind);
        Line("pc   "u8, elr);
        Line("esr  "u8, esr);
        Line("far  "u8, far);
        Stop();
    }

    /// <summary>A check of the language failed: an index, a division.</summary>
    [RuntimeExport("hypervisor_check_failed"), DoesNotReturn]
    private static void CheckFailed(ulong check, ulong returnAddress)
    {
        Start("check failed at EL2"u8);
        Line("kind "u8, check);
        Line("from "u8, returnAddress);
        Stop();
    }

    private static void Start(ReadOnlySpan<byte> what)
    {
        Boot.Console.Print("\r\npocketvisor: panic: "u8);
        Boot.Console.Print(what);
        Boot.Console.Print("\r\n"u8);
        Line("image "u8, Cpu.KeeperImage() - 0x1_0000); // subtract it to find the place in hypervisor.elf
        Line("mpidr "u8, Cpu.MpidrEl1());
    }

    private static void Line(ReadOnlySpan<byte> name, ulong value)
    {
        Boot.Console.Print("  "u8);
        Boot.Console.Print(name);
        Boot.Console.Hex(value);
        Boot.Console.Print("\r\n"u8);
    }

    [DoesNotReturn]
    private static void Stop()
    {
        Cpu.CallFirmware(SystemOff, 0, 0, 0);
        Cpu.Halt();
    }
}
