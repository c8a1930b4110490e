using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using Pocketvisor.Abi;

namespace Pocketvisor.Keeper.Machine;

/// <summary>
/// The end of the keeper: a broken invariant of its own. Reports on the handset's serial port without locks or heap, which
/// may be what broke, stops the other cores, and has the handset begin anew; soon after a start it turns it off, for it would come to this again.
/// </summary>
public static unsafe class Panic
{
    /// <summary>A software-generated interrupt that halts the core that takes it.</summary>
    public const uint HaltInterrupt = 2;

    private const int Backtrace = 16, MostReports = 3;

    private static ulong s_startedAt; // 0: nothing has started yet
    private static int s_reports;

    /// <summary>The keeper has memory and devices, and goes to work.</summary>
    public static void KeeperStarts() => s_startedAt = Cpu.Now;

    /// <summary>Ends with a sentence that names the invariant.</summary>
    [DoesNotReturn]
    public static void Because(ReadOnlySpan<byte> invariant)
    {
        Begin();
        Print(invariant);
        Print("\r\n"u8);
        Stop();
    }

    /// <summary>The same, and where it is broken.</summary>
    [DoesNotReturn]
    public static void Because(ReadOnlySpan<byte> invariant, int where)
    {
        Begin();
        Print(invariant);
        Hex((ulong)where);
        Print("\r\n"u8);
        Stop();
    }

    [RuntimeExport("keeper_failed_check")]
    private static void FailedCheckAt(uint check, ulong from, ulong framePointer)
    {
        Begin();
        Print("a check of the language failed: "u8);
        Print((FailedCheck)check switch
        {
            FailedCheck.IndexOutOfRange => "index out of range"u8,
            FailedCheck.DivideByZero => "division by zero"u8,
            FailedCheck.NullReference => "null reference"u8,
            FailedCheck.InvalidCast => "invalid cast"u8,
            FailedCheck.OutOfMemory => "the heap is used up"u8,
            FailedCheck.InvalidOperation => "invalid operation"u8,
            FailedCheck.Argument => "bad argument"u8,
            _ => "other"u8,
        });
        Trace(from, framePointer);
        Stop();
    }

    [RuntimeExport("keeper_exception")]
    private static void Exception(ExceptionFrame* frame)
    {
        Begin();
        Print("exception on core "u8);
        Hex((ulong)Cpu.Index);
        Print(", vector "u8);
        Hex(frame->Vector);
        Print(", ESR "u8);
        Hex(frame->Esr);
        Print(", FAR "u8);
        Hex(frame->Far);
        Print(", SPSR "u8);
        Hex(frame->Spsr);
        Print(", SP "u8);
        Hex(frame->Sp);
        for (int i = 0; i < 31; i++)
        {
            Print(i % 4 == 0 ? "\r\nkeeper:   x"u8 : "  x"u8);
            Hex((ulong)i);
            Print(" "u8);
            Hex(frame->X[i]);
        }
        Trace(frame->Elr, frame->X[29]);
        Stop();
    }

    // Return addresses, for llvm-symbolizer with artifacts/keeper.elf. A frame record is { caller's x29, return address }.
    private static void Trace(ulong pc, ulong framePointer)
    {
        Print("\r\nkeeper: at "u8);
        Hex(pc);
        for (int i = 0; i < Backtrace && framePointer != 0 && framePointer % 16 == 0; i++)
        {
            Print(" ← "u8);
            Hex(*(ulong*)(framePointer + 8));
            ulong caller = *(ulong*)framePointer;
            if (caller <= framePointer) break;
            framePointer = caller;
        }
        Print("\r\n"u8);
    }

    // A report may run into what it reports; then a part of it has to do.
    private static void Begin()
    {
        if (++s_reports > MostReports) Stop();
        Print("\r\nkeeper: panic: "u8);
    }

    [DoesNotReturn]
    private static void Stop()
    {
        GicCpu.SendToOthers(HaltInterrupt);
        if (!Hypercall.IsPresent || s_startedAt == 0) Cpu.Halt(); // who could restart it, or what for?
        if (Cpu.Now - s_startedAt >= VmControl.SecondsToRestart * Cpu.CounterFrequency())
        {
            Print("pocketvisor: restarting the handset\r\n"u8);
            Hypercall.SystemReset();
        }
        Print("pocketvisor: too early; off\r\n"u8);
        Hypercall.SystemOff();
    }

    private static void Print(ReadOnlySpan<byte> text) => HandsetUart.Write(text);

    private static void Hex(ulong value) => HandsetUart.WriteHex(value);
}
