using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Hypercalls;

/// <summary>HVC and SMC of every guest, by the function in w0 (SMCCC, Arm DEN 0028).</summary>
internal static class Calls
{
    public const uint SmcccVersion = 0x8000_0000;

    private const uint ArchFeatures = 0x8000_0001, Version11 = 0x1_0001;
    private const uint VendorUid = 0x8600_FF01, VendorRevision = 0x8600_FF03;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Handle(ref Vcpu caller)
    {
        if (TryAnswer(ref caller)) return; // if it came by SMC
        uint function = (uint)caller.X[0];
        if (!Establishment.IsDone) // nobody is there but the keeper, and it has one call
            caller.X[0] = (ulong)(function == (uint)HvcFunction.Establish ? Establishment.Establish(caller.X[1], caller.X[2]) : HvcStatus.NotSupported);
        else if (function >= (uint)HvcFunction.Version && caller.IsKeeper)
            KeeperCalls.Handle(ref caller, (HvcFunction)function);
        else if (function - Psci.First < Psci.Range || function - Psci.First64 < Psci.Range)
            Psci.Handle(ref caller, function);
        else
            Discover(ref caller, function);
    }

    /// <summary>Answers what nobody else's state has a part in, without the lock: some guests ask for it often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAnswer(ref Vcpu caller)
    {
        uint function = (uint)caller.X[0];
        if ((function != SmcccVersion && (function & ~Psci.Wide) != Psci.Version) || !Establishment.IsDone) return false;
        caller.X[0] = Version11; // of either
        return true;
    }

    /// <summary>Who is below, for guests that ask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Discover(ref Vcpu caller, uint function)
    {
        switch (function)
        {
            case ArchFeatures when (uint)caller.X[1] is SmcccVersion or ArchFeatures:
                caller.X[0] = 0;
                break;
            case VendorUid: // 8b0f0c5e-6f1d-4b9e-9f5a-70636b747672: made for Pocketvisor
                caller.X[0] = 0x5E0C_0F8B;
                caller.X[1] = 0x9E4B_1D6F;
                caller.X[2] = 0x6370_5A9F;
                caller.X[3] = 0x7276_746B;
                break;
            case VendorRevision:
                caller.X[0] = AbiVersion.Current;
                caller.X[1] = 0;
                break;
            default:
                caller.X[0] = unchecked((ulong)HvcStatus.NotSupported);
                break;
        }
    }
}
