using System.Runtime;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Guests;

/// <summary>Uses system registers that a guest may not have: each must give an undefined-instruction exception, to its own vector.</summary>
internal static class Program
{
    [RuntimeImport("*", "attempt_count"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong AttemptCount();
    [RuntimeImport("*", "attempt"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong Attempt(ulong index);

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        Console.Line("registers: start"u8);
        ulong count = AttemptCount(), refused = 0;
        for (ulong i = 0; i < count; i++)
        {
            ulong before = Cpu.UndefinedCount();
            Attempt(i);
            if (Cpu.UndefinedCount() == before + 1) refused++;
            else Console.Line("registers: ALLOWED number"u8, i);
        }
        Console.Line("registers: tried"u8, count);
        Console.Line("registers: undefined"u8, refused);
    }
}
