using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Traps;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Hypercalls;

/// <summary>HVC and SMC, by the function in w0 (SMCCC, Arm DEN 0028): the keeper's are ours, guests' are the keeper's.</summary>
internal static class Calls
{
    private const uint SmcccVersion = 0x8000_0000, Version11 = 0x1_0001;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Handle(ref Vcpu caller)
    {
        uint function = (uint)caller.X[0];
        if (caller.IsKeeper)
        {
            KeeperCalls.Handle(ref caller, (HvcFunction)function);
        }
        else if ((function & ~Psci.Wide) == Psci.CpuSuspend)
        {
            caller.X[0] = (ulong)HvcStatus.Success;
            TrapDispatch.Idle(ref caller); // a standby: context is kept, an interrupt ends it
        }
        else
        {
            Instructions.HandOver(ref caller);
        }
    }

    /// <summary>Answers an HVC that nobody's state has a part in, without the lock: some guests ask for it often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAnswer(ref Vcpu caller)
    {
        uint function = (uint)caller.X[0];
        if ((function != SmcccVersion && (function & ~Psci.Wide) != Psci.Version) || !Establishment.IsDone) return false;
        caller.X[0] = Version11; // of either
        return true;
    }
}
