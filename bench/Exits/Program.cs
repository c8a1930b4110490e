using System;
using System.Runtime;
using Pocketvisor.Guests;

namespace Pocketvisor.Bench.Exits;

/// <summary>
/// Measures what it costs a guest to leave for whoever is below, in ticks of its counter: under QEMU's -icount a tick is a fixed number of
/// instructions. Runs bare, as a profile, and under other hypervisors, and prints a line for each quantity:
/// <code>
/// exit hypercall rounds=1024 ticks=17665 empty=512 constant=0
/// </code>
/// which is (ticks − empty) / rounds, less a constant number of the measuring instructions. The command line may say <c>ipi</c>, <c>switch</c>,
/// or <c>boot</c>: then only when it began is measured.
/// </summary>
internal static class Program
{
    private const ulong PsciVersion = 0x8400_0000;
    private const ulong UartFlags = 0x18;
    private const ulong Rounds = 1024; // a multiple of 8: see measure.S
    private const int Batches = 8;
    private const ulong TouchedPages = 1024, TouchedFrom = 8 << 20;

    private enum Kind { Nothing, Hypercall, Read, Write, SelfSgi, EndOfInterrupt, Timer, Sleep }

    private static ulong s_redistributors;
    private static uint s_timer;

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree, ulong began)
    {
        var machine = new Guests.Machine(tree);
        var hardware = new Hardware(tree);
        if (hardware.Uart != 0) Console.Address = hardware.Uart;
        if (hardware.Distributor == 0 || hardware.Timer == 0)
        {
            Console.Print("exits: the device tree names no GICv3 or no timer\r\n"u8);
            return;
        }
        (s_redistributors, s_timer) = (hardware.Redistributors, hardware.Timer);
        Gic.Start(hardware);
        Gic.StartVcpu(s_redistributors, s_timer, 0);
        Console.Print("exits: frequency="u8);
        Console.Decimal(Measure.Frequency());
        Console.Print(" began="u8);
        Console.Decimal(began);
        Console.Print("\r\n"u8);

        if (machine.Says("boot"u8)) { }
        else if (machine.Says("ipi"u8)) Ipi();
        else if (machine.Says("switch"u8)) Switch();
        else Alone(hardware, machine.MemoryStart);
        Console.Print("exits: done\r\n"u8);
        while (machine.Says("stay"u8)) { }
    }

    [RuntimeExport("guest_secondary")]
    private static void Secondary(ulong index)
    {
        Gic.StartVcpu(s_redistributors, s_timer, index);
        Measure.Receive();
    }

    private static void Alone(in Hardware hardware, ulong memory)
    {
        ulong touched = Measure.Touch(TouchedPages, memory + TouchedFrom);
        Report("first-touch"u8, TouchedPages, touched, Measure.Touch(TouchedPages, memory + TouchedFrom), 0);

        ulong empty = Least(Kind.Nothing, 0);
        Report("hypercall"u8, Rounds, Least(Kind.Hypercall, PsciVersion), empty, 0);
        Report("distributor-read"u8, Rounds, Least(Kind.Read, hardware.Distributor + Gic.Type), empty, 0);
        Report("distributor-enable-read"u8, Rounds, Least(Kind.Read, hardware.Distributor + Gic.Enable), empty, 0);
        Report("distributor-enable-write"u8, Rounds, Least(Kind.Write, hardware.Distributor + Gic.Enable), empty, 0);
        if (hardware.Uart != 0) Report("uart-read"u8, Rounds, Least(Kind.Read, hardware.Uart + UartFlags), empty, 0);
        if (hardware.Clock != 0) Report("clock-read"u8, Rounds, Least(Kind.Read, hardware.Clock), empty, 0);
        if (hardware.Virtio != 0) Report("virtio-read"u8, Rounds, Least(Kind.Read, hardware.Virtio), empty, 0);
        Report("self-sgi"u8, Rounds, Least(Kind.SelfSgi, Gic.SgiTo(0)), 0, 2);
        Report("eoi"u8, Rounds, Least(Kind.EndOfInterrupt, Gic.SgiTo(0)), 0, 1);
        Report("timer"u8, Rounds, Least(Kind.Timer, Microseconds(20)), 0, 3);
        Report("sleep"u8, Rounds, Least(Kind.Sleep, Microseconds(200)), 0, 3);
    }

    private static void Ipi()
    {
        Cpu.TurnOn(1);
        Measure.Ipi(16, Gic.SgiTo(1), Microseconds(5)); // until it is there
        Report("ipi"u8, Rounds, Measure.Ipi(Rounds, Gic.SgiTo(1), Microseconds(5)), 0, 2);
        Measure.LetReceiverSleep();
        Measure.Ipi(16, Gic.SgiTo(1), Microseconds(5));
        Report("ipi-sleeping"u8, Rounds, Measure.Ipi(Rounds, Gic.SgiTo(1), Microseconds(50)), 0, 2);
    }

    // Of several batches the best: in the others someone below was interrupted by something else.
    private static ulong Least(Kind kind, ulong argument)
    {
        ulong least = ulong.MaxValue;
        for (int batch = 0; batch < Batches; batch++) least = Math.Min(least, Run(kind, argument));
        return least;
    }

    private static ulong Run(Kind kind, ulong argument) => kind switch
    {
        Kind.Hypercall => Measure.Hypercall(Rounds, argument),
        Kind.Read => Measure.Read(Rounds, argument),
        Kind.Write => Measure.Write(Rounds, argument),
        Kind.SelfSgi => Measure.SelfSgi(Rounds, argument),
        Kind.EndOfInterrupt => Measure.EndOfInterrupt(Rounds, argument),
        Kind.Timer => Measure.Timer(Rounds, argument),
        Kind.Sleep => Measure.Sleep(Rounds, argument),
        _ => Measure.Nothing(Rounds, argument),
    };

    private static void Switch()
    {
        const ulong count = 64;
        ulong ran = 0, gaps = Measure.Gaps(count, Microseconds(300), ref ran);
        Report("away"u8, count, gaps, 0, 0);
        Report("here"u8, count, ran, 0, 0);
    }

    private static ulong Microseconds(ulong microseconds) => Measure.Frequency() * microseconds / 1_000_000;

    private static void Report(ReadOnlySpan<byte> name, ulong rounds, ulong ticks, ulong empty, ulong constant)
    {
        Console.Print("exit "u8);
        Console.Print(name);
        Number(" rounds="u8, rounds);
        Number(" ticks="u8, ticks);
        Number(" empty="u8, empty);
        Number(" constant="u8, constant);
        Console.Print("\r\n"u8);
    }

    private static void Number(ReadOnlySpan<byte> name, ulong value)
    {
        Console.Print(name);
        Console.Decimal(value);
    }
}
