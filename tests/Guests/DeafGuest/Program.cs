using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;

namespace Pocketvisor.Guests;

/// <summary>
/// Never takes an interrupt: enables all that it has, lets its timer fire, sends itself and its other vCPUs every software interrupt,
/// and waits for interrupts that are there already, with all of them masked.
/// </summary>
internal static class Program
{
    private const ulong SgiFrame = 0x1_0000, Enable = 0x100, Pending = 0x200, Group = 0x80;

    [RuntimeImport("*", "open_interface"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void OpenInterface();
    [RuntimeImport("*", "fire_timer"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void FireTimer();
    [RuntimeImport("*", "send_sgi"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void SendSgi(ulong value);

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        var machine = new Machine(tree);
        Console.Line("deaf: start"u8);
        Memory.Write32(VirtualHandset.GicDistributor, 3);
        for (ulong word = 1; word < 3; word++)
        {
            Memory.Write32(VirtualHandset.GicDistributor + Group + 4 * word, ~0u);
            Memory.Write32(VirtualHandset.GicDistributor + Enable + 4 * word, ~0u);
            Memory.Write32(VirtualHandset.GicDistributor + Pending + 4 * word, ~0u);
        }
        for (ulong i = 1; i < machine.Cores; i++) Cpu.TurnOn(i);
        Ignore(0, report: true);
    }

    [RuntimeExport("guest_secondary")]
    private static void Secondary(ulong index) => Ignore(index, report: false);

    private static void Ignore(ulong index, bool report)
    {
        ulong frame = VirtualHandset.GicRedistributor + index * VirtualHandset.GicRedistributorSize + SgiFrame;
        Memory.Write32(frame + Group, ~0u);
        Memory.Write32(frame + Enable, ~0u);
        OpenInterface();
        for (ulong round = 0; ; round++)
        {
            FireTimer();
            for (ulong sgi = 0; sgi < 16; sgi++)
            {
                SendSgi(sgi << 24 | 0xFF);       // all by name, itself included
                SendSgi(sgi << 24 | 1ul << 40);  // all others
            }
            Cpu.WaitForInterrupt();
            if (report && round % 1000 == 0) Console.Line("deaf: rounds"u8, round);
        }
    }
}
