using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Guests;

namespace Pocketvisor.Bench.Pace;

/// <summary>What a bad neighbour does, without end.</summary>
internal static class Disturbance
{
    private const ulong CacheLine = 64, Page = 4096, Bytes = 16 << 20;
    private const ulong Thrash = 1, Forget = 2, Nothing = 3;

    /// <summary>Which one the command line says; 0 for none.</summary>
    public static ulong From(Machine machine) =>
        machine.Says("disturb-memory"u8) ? Thrash : machine.Says("disturb-tlb"u8) ? Forget : machine.Says("disturb-timers"u8) || machine.Says("disturb-nothing"u8) ? Nothing : 0;

    /// <summary>Does it.</summary>
    /// <param name="which">See <see cref="From"/>.</param>
    /// <param name="memory">16 MB that it may write to.</param>
    public static void Run(ulong which, ulong memory)
    {
        // What disturbs is the timer, if the command line gave it a short period: each interrupt is taken and ended, and there is the next one.
        while (which == Nothing) { }
        while (true)
        {
            for (ulong at = 0; at < Bytes; at += which == Thrash ? CacheLine : Page) Memory.Write64(memory + at, at);
            if (which == Forget) ForgetTranslations();
        }
    }

    /// <summary>Of this VM, on all cores.</summary>
    [RuntimeImport("*", "forget_translations"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ForgetTranslations();
}
