using System;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Boot;

/// <summary>A boot that can't go on.</summary>
internal static class Program
{
    public static void Require(bool condition, ReadOnlySpan<byte> what)
    {
        if (condition) return;
        Console.Print(what);
        Cpu.Halt();
    }
}
