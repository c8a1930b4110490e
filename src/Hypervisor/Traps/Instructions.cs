using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Traps;

/// <summary>What EL2 has no part in: the keeper carries the instruction out, or gives the guest an exception for it (docs/decisions/0018).</summary>
internal static class Instructions
{
    public static void HandOver(ref Vcpu vcpu)
    {
        if (vcpu.IsKeeper) Panic.Report("the keeper used what it may not have, core "u8, ref vcpu);
        World.Leave(ref vcpu, ExitReason.Instruction, vcpu.Trap.Bits, vcpu.Pc, vcpu.X[0]);
    }
}
