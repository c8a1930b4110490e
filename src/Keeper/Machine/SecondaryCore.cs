using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;
using Pocketvisor.Keeper.Scheduling;

namespace Pocketvisor.Keeper.Machine;

/// <summary>Starts the handset's other cores, one after the other.</summary>
public static unsafe class SecondaryCore
{
    /// <summary>False if the firmware refuses or the core does not arrive within a second.</summary>
    public static bool TryStart(Core core, ulong stackTop)
    {
        Volatile.Write(ref *(ulong*)StackVariable(), stackTop);
        Cpu.Barrier();
        if (Hypercall.CpuOn(core.Mpidr, AddressSpace.PhysicalOf(Entry()), (ulong)core.Index) != 0) return false;
        for (ulong start = Cpu.Now; !core.IsOnline; Cpu.Yield())
            if (Cpu.Now - start > Cpu.CounterFrequency()) return false;
        return true;
    }

    [RuntimeImport("*", "image_secondary_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong Entry();
    [RuntimeImport("*", "image_secondary_stack"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong StackVariable();
}
