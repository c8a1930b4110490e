using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Scheduling;

namespace Pocketvisor.Keeper.Machine;

/// <summary>Starts the handset's other cores, one after the other.</summary>
public static unsafe class SecondaryCore
{
    /// <summary>
    /// The log says why, if the firmware refuses or the core does not arrive within a second. One that comes later, in its own time, is welcome: its stack is its own.
    /// </summary>
    public static void Start(Core core, ulong stackTop)
    {
        Volatile.Write(ref ((ulong*)StackVariables())[core.Index], stackTop);
        Cpu.Barrier();
        long refusal = Hypercall.CpuOn(core.Mpidr, AddressSpace.PhysicalOf(Entry()), (ulong)core.Index);
        for (ulong start = Cpu.Now; refusal == 0 && !core.IsOnline; Cpu.Yield())
        {
            if (Cpu.Now - start <= Cpu.CounterFrequency()) continue;
            Log.Begin().Add("core "u8).Add(core.Index).Add(" did not come up within a second; the others go on"u8);
            Log.End();
            return;
        }
        if (refusal == 0) return;
        Log.Begin().Add("core "u8).Add(core.Index).Add(" did not come up: the firmware says "u8).Add((int)refusal).Add("; the others go on"u8);
        Log.End();
    }

    [RuntimeImport("*", "image_secondary_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong Entry();
    [RuntimeImport("*", "image_secondary_stacks"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong StackVariables();
}
