using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Hypercalls;

/// <summary>Power State Coordination Interface 1.1 (Arm DEN 0022): what the keeper needs of the firmware's, and what of guests' is a wait.</summary>
internal static class Psci
{
    public const uint Wide = 0x4000_0000; // the 64-bit variant of a function
    public const uint Version = 0x8400_0000, CpuSuspend = 0x8400_0001, CpuOn64 = 0xC400_0003, AffinityInfo64 = 0xC400_0004, SystemOff = 0x8400_0008, SystemReset = 0x8400_0009;

    private const long InvalidParameters = -2, AlreadyOn = -4;

    /// <summary>AFFINITY_INFO: 0 for a core that is on, 1 for one that is off. So the keeper learns which cores there are, too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long IsOff(ulong mpidr) => mpidr >= Cores.Count ? InvalidParameters : PhysicalMemory.Vcpu(VmControl.Keeper, (uint)mpidr).State == VcpuState.Off ? 1 : 0;

    /// <summary>
    /// CPU_ON. vCPU i has affinity i, and the keeper's are the handset's cores, in the order of Establish: one comes up at EL2 and enters the keeper
    /// from there (Boot/Establishment.cs).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long TurnOn(ulong mpidr, ulong entry, ulong context)
    {
        if (mpidr >= Cores.Count) return InvalidParameters;
        uint index = (uint)mpidr;
        ref Vcpu target = ref PhysicalMemory.Vcpu(VmControl.Keeper, index);
        if (target.State != VcpuState.Off) return AlreadyOn;
        VmLifecycle.Reset(ref target, entry, context);
        long result = Cpu.CallFirmware(CpuOn64, Cores.At(index).Mpidr, Cpu.SecondaryStart(), Cpu.Ttbr0El2() | index);
        if (result == 0) target.State = VcpuState.Running;
        return result;
    }
}
