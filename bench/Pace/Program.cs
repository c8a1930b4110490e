using System.Runtime;
using Pocketvisor.Guests;

namespace Pocketvisor.Bench.Pace;

/// <summary>
/// Does fixed work at whatever pace it is let, and times itself by its own clock; or disturbs whoever does. What the command line may say,
/// numbers in hexadecimal, times in ticks of the counter:
/// <list type="bullet">
/// <item><c>period=</c> between two interrupts of the virtual timer; 0: none</item>
/// <item><c>begin=</c> when the first round begins, on its clock</item>
/// <item><c>units=</c> of work in a round, <c>rounds=</c> of them; 0: without end</item>
/// <item><c>say=</c> when it begins to say what it measured: printing disturbs the others</item>
/// <item><c>memory</c>: the work walks through 1 MB of memory, instead of staying in registers</item>
/// <item><c>disturb-memory</c>, <c>disturb-tlb</c>, <c>disturb-timers</c>, <c>disturb-nothing</c>: not work, but <see cref="Disturbance"/></item>
/// <item><c>second-core</c>: the disturbance is on its second vCPU, and the work on its first</item>
/// </list>
/// </summary>
internal static class Program
{
    private static ulong s_memory, s_command;

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        var machine = new Machine(tree);
        Timer.Start(machine.Number("period="u8));
        s_memory = machine.MemoryStart + (8 << 20); // far behind image and device tree; only who says so needs it
        s_command = Disturbance.From(machine);
        if (s_command != 0 && !machine.Says("second-core"u8))
        {
            Console.Line("pace: disturbs"u8);
            Secondary(0);
        }
        if (s_command != 0 && Cpu.TurnOn(1) != 0)
        {
            Console.Line("pace: there is no second core"u8);
            Cpu.SystemOff();
        }
        Console.Line("pace: ready"u8);
        Work.Run(machine, machine.Says(" memory"u8) ? s_memory : 0);
        Timer.Stop();
        while (true) Cpu.WaitForInterrupt();
    }

    // What is disturbed there is other memory than the work's.
    [RuntimeExport("guest_secondary")]
    private static void Secondary(ulong index) => Disturbance.Run(s_command, s_memory + index * (8 << 20));
}
