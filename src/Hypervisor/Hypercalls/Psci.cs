using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Traps;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Hypercalls;

/// <summary>Power State Coordination Interface 1.1 (Arm DEN 0022): for guests by ourselves, for the keeper by the firmware.</summary>
internal static class Psci
{
    public const uint First = 0x8400_0000, First64 = 0xC400_0000, Range = 0x20;

    public const uint Wide = 0x4000_0000; // the 64-bit variant of a function
    public const uint Version = First;
    private const uint CpuSuspend = First + 1, CpuOff = First + 2, CpuOn = First + 3, AffinityInfo = First + 4;
    private const uint MigrateInfoType = First + 6, SystemOff = First + 8, SystemReset = First + 9, Features = First + 10, SystemReset2 = First + 18;

    // The functions above, as bits.
    private const uint Implemented = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 18;

    private const long Success = 0, NotSupported = -1, InvalidParameters = -2, AlreadyOn = -4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Handle(ref Vcpu caller, uint function)
    {
        ulong a = caller.X[1];
        bool isKeeper = caller.IsKeeper;
        long result = Success;
        switch (function & ~Wide)
        {
            case Features:
                // SMCCC_VERSION is asked for like this too (DEN 0028, "Discovery").
                uint asked = ((uint)a & ~Wide) - First;
                bool known = (asked < 32 && (Implemented >> (int)asked & 1) != 0) || (uint)a == Calls.SmcccVersion;
                if (!known) result = NotSupported;
                break;
            case CpuOn:
                result = TurnOn(ref caller, a);
                break;
            case AffinityInfo:
                result = a >= PhysicalMemory.Vm(caller.Vm).VcpuCount ? InvalidParameters
                    : PhysicalMemory.Vcpu(caller.Vm, (uint)a).State == VcpuState.Off ? 1 : 0;
                break;
            case MigrateInfoType:
                result = 2; // no trusted OS that would have to move
                break;
            case SystemOff or SystemReset when isKeeper:
                result = Cpu.CallFirmware(function, 0, 0, 0);
                break;
            case CpuSuspend when !isKeeper:
                caller.X[0] = Success;
                TrapDispatch.Idle(ref caller); // a standby: context is kept, an interrupt ends it
                return;
            case CpuOff or SystemOff or SystemReset when !isKeeper:
            leave:
                function &= ~Wide;
                var reason = function == CpuOff ? ExitReason.Off : function == SystemOff ? ExitReason.SystemOff : ExitReason.SystemReset;
                World.Leave(ref caller, VcpuState.Off, reason, function == SystemReset2 ? 1u : 0);
                return;
            default:
                if (!isKeeper && (function & ~Wide) == SystemReset2) goto leave; // apart, which makes the table of cases smaller
                result = NotSupported;
                break;
        }
        caller.X[0] = (ulong)result;
    }

    // vCPU i has affinity i. The keeper's are the handset's cores, in the order of Establish: one comes up at EL2 and enters the keeper
    // from there (Boot/Establishment.cs).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long TurnOn(ref Vcpu caller, ulong mpidr)
    {
        if (mpidr >= PhysicalMemory.Vm(caller.Vm).VcpuCount) return InvalidParameters;
        uint index = (uint)mpidr;
        ref Vcpu target = ref PhysicalMemory.Vcpu(caller.Vm, index);
        if (target.State != VcpuState.Off) return AlreadyOn;
        VmLifecycle.Reset(ref target, caller.X[2], caller.X[3]);
        if (!caller.IsKeeper)
        {
            Delivery.Wake(ref target, ref caller);
            return Success;
        }
        long result = Cpu.CallFirmware(CpuOn | Wide, Cores.At(index).Mpidr, Cpu.SecondaryStart(), Cpu.Ttbr0El2() | index);
        target.State = result == Success ? VcpuState.Running : VcpuState.Off;
        return result;
    }
}
