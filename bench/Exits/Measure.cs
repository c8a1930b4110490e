using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Bench.Exits;

/// <summary>measure.S: loops whose every instruction is known. All return ticks of CNTVCT_EL0, summed over the rounds.</summary>
internal static class Measure
{
    private const MethodImplOptions Assembly = MethodImplOptions.InternalCall;

    [RuntimeImport("*", "open_interface"), MethodImpl(Assembly)] public static extern void OpenInterface();
    [RuntimeImport("*", "counter_frequency"), MethodImpl(Assembly)] public static extern ulong Frequency();

    [RuntimeImport("*", "measure_nothing"), MethodImpl(Assembly)] public static extern ulong Nothing(ulong rounds, ulong unused);
    [RuntimeImport("*", "measure_hypercall"), MethodImpl(Assembly)] public static extern ulong Hypercall(ulong rounds, ulong function);
    [RuntimeImport("*", "measure_read"), MethodImpl(Assembly)] public static extern ulong Read(ulong rounds, ulong address);
    [RuntimeImport("*", "measure_write"), MethodImpl(Assembly)] public static extern ulong Write(ulong rounds, ulong address);
    [RuntimeImport("*", "measure_touch"), MethodImpl(Assembly)] public static extern ulong Touch(ulong pages, ulong address);

    /// <summary>From sending an interrupt to oneself to the handler's first instruction.</summary>
    [RuntimeImport("*", "measure_sgi"), MethodImpl(Assembly)] public static extern ulong SelfSgi(ulong rounds, ulong sgi);

    /// <summary>Ending an interrupt in its handler.</summary>
    [RuntimeImport("*", "measure_eoi"), MethodImpl(Assembly)] public static extern ulong EndOfInterrupt(ulong rounds, ulong sgi);

    /// <summary>From the time at which the timer shall fire, some ticks ahead, to the handler: the vCPU spins, or sleeps.</summary>
    [RuntimeImport("*", "measure_timer"), MethodImpl(Assembly)] public static extern ulong Timer(ulong rounds, ulong ahead);
    [RuntimeImport("*", "measure_sleep"), MethodImpl(Assembly)] public static extern ulong Sleep(ulong rounds, ulong ahead);

    /// <summary>From sending an interrupt to the other vCPU to its handler. Between rounds it waits for so many ticks.</summary>
    [RuntimeImport("*", "measure_ipi"), MethodImpl(Assembly)] public static extern ulong Ipi(ulong rounds, ulong sgi, ulong pause);

    /// <summary>The other vCPU of <see cref="Ipi"/>, without end: it spins until it shall sleep.</summary>
    [RuntimeImport("*", "receive"), MethodImpl(Assembly)] public static extern void Receive();
    [RuntimeImport("*", "receiver_sleeps"), MethodImpl(Assembly)] public static extern void LetReceiverSleep();

    /// <summary>Spins, and counts as gaps what took more ticks than a threshold: someone else had the core.</summary>
    /// <returns>The ticks in gaps; and the ticks between as <paramref name="ran"/>.</returns>
    [RuntimeImport("*", "measure_gaps"), MethodImpl(Assembly)] public static extern ulong Gaps(ulong count, ulong threshold, ref ulong ran);
}
