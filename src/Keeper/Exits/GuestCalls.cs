using Pocketvisor.Abi;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Profiles;

namespace Pocketvisor.Keeper.Exits;

/// <summary>
/// HVC and SMC of guests, by the function in w0: discovery (SMCCC, Arm DEN 0028) and PSCI 1.1 (Arm DEN 0022). The hypervisor answers CPU_SUSPEND, and
/// by HVC the versions, before they come here. vCPU i has affinity i.
/// </summary>
public static class GuestCalls
{
    private const uint Version11 = 0x1_0001;
    private const uint SmcccVersion = 0x8000_0000, ArchFeatures = 0x8000_0001, VendorUid = 0x8600_FF01, VendorRevision = 0x8600_FF03;

    private const uint Wide = 0x4000_0000; // the 64-bit variant of a function
    private const uint First = 0x8400_0000, Version = First, CpuOff = First + 2, CpuOn = First + 3, AffinityInfo = First + 4, MigrateInfoType = First + 6;
    private const uint SystemOff = First + 8, SystemReset = First + 9, Features = First + 10, SystemReset2 = First + 18;

    // The functions above and CPU_SUSPEND, as bits.
    private const uint Implemented = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 18;

    private const long Success = 0, NotSupported = -1, InvalidParameters = -2, Denied = -3, AlreadyOn = -4;
    private const long IsOn = 0, IsOff = 1, NothingToMigrate = 2;

    /// <summary>Answers the call of a vCPU.</summary>
    /// <param name="end">If the machine shall end: why.</param>
    /// <returns>False if the vCPU is off now.</returns>
    public static bool IsOnAfter(int vm, int vcpu, uint function, out StopReason end)
    {
        end = StopReason.None;
        long result;
        switch (function)
        {
            case SmcccVersion:
                result = Version11;
                break;
            case ArchFeatures:
                result = (uint)Get(vm, vcpu, 1) is SmcccVersion or ArchFeatures ? Success : NotSupported;
                break;
            case VendorUid: // 8b0f0c5e-6f1d-4b9e-9f5a-70636b747672: made for Pocketvisor
                result = 0x5E0C_0F8B;
                Set(vm, vcpu, 1, 0x9E4B_1D6F);
                Set(vm, vcpu, 2, 0x6370_5A9F);
                Set(vm, vcpu, 3, 0x7276_746B);
                break;
            case VendorRevision:
                result = AbiVersion.Current;
                Set(vm, vcpu, 1, 0);
                break;
            default:
                switch (function & ~Wide)
                {
                    case Version:
                        result = Version11;
                        break;
                    case CpuOff:
                        return TurnOff(vm, vcpu);
                    case SystemOff:
                        end = StopReason.PoweredOff;
                        return TurnOff(vm, vcpu);
                    case SystemReset:
                        end = StopReason.Reset;
                        return TurnOff(vm, vcpu);
                    case SystemReset2: // the warm one: how a Linux that panicked says so, if told reboot=panic_warm
                        end = StopReason.Panicked;
                        return TurnOff(vm, vcpu);
                    case CpuOn:
                        result = TurnOn(vm, Get(vm, vcpu, 1), Get(vm, vcpu, 2), Get(vm, vcpu, 3));
                        break;
                    case AffinityInfo:
                        result = StateOf(vm, Get(vm, vcpu, 1));
                        break;
                    case MigrateInfoType: // no trusted OS that would have to move
                        result = NothingToMigrate;
                        break;
                    case Features:
                        result = Has((uint)Get(vm, vcpu, 1)) ? Success : NotSupported;
                        break;
                    default:
                        result = NotSupported;
                        break;
                }
                break;
        }
        Set(vm, vcpu, 0, (ulong)result);
        return true;
    }

    // SMCCC_VERSION is asked for like this too (DEN 0028, "Discovery").
    private static bool Has(uint function)
    {
        uint number = (function & ~Wide) - First;
        return (number < 32 && (Implemented >> (int)number & 1) != 0) || function == SmcccVersion;
    }

    // Two that turn the same vCPU on at once: the hypervisor takes one after the other.
    private static long TurnOn(int vm, ulong affinity, ulong entry, ulong context)
    {
        if (affinity >= VmControl.MaxVcpus) return InvalidParameters;
        return Hypercall.VcpuStart(vm, (int)affinity, entry, context) switch
        {
            HvcStatus.Success => Success,
            HvcStatus.Busy => AlreadyOn,
            HvcStatus.InvalidParameters => InvalidParameters,
            _ => Denied, // its machine ends
        };
    }

    private static long StateOf(int vm, ulong affinity)
    {
        if (affinity >= VmControl.MaxVcpus) return InvalidParameters;
        HvcStatus status = Hypercall.VcpuGet(vm, (int)affinity, VcpuRegister.State, out ulong state);
        if (status == HvcStatus.InvalidParameters) return InvalidParameters;
        return status == HvcStatus.Success && (byte)state == 0 ? IsOff : IsOn; // Busy: it runs
    }

    private static bool TurnOff(int vm, int vcpu)
    {
        Hypercall.VcpuStop(vm, vcpu);
        return false;
    }

    private static ulong Get(int vm, int vcpu, uint register) => Hypercall.VcpuGet(vm, vcpu, (VcpuRegister)register);

    private static void Set(int vm, int vcpu, uint register, ulong value) => Hypercall.VcpuSet(vm, vcpu, (VcpuRegister)register, value);
}
