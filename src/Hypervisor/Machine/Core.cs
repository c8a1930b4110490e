using System.Runtime.CompilerServices;

namespace Pocketvisor.Hypervisor.Machine;

/// <summary>What EL2 knows of one core of the handset. Guarded by the hypervisor's lock.</summary>
internal struct Core
{
    public ulong Mpidr;         // affinity fields only; constant
    public ulong Redistributor; // its first frame; constant
    public ulong Wakeups;       // VMs with a vCPU that became ready
    public uint VectorsOf;      // whose vector registers it holds (Vcpu.Name); 0: nobody's
}

[InlineArray(Abi.VmControl.MaxVcpus)]
internal struct CoreArray { private Core _first; }

internal static class Cores
{
    private static CoreArray s_cores;
    public static uint Count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ref Core At(uint index) => ref s_cores[(int)index];
}
