using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Traps;

/// <summary>What a guest may not have, it gets an undefined-instruction exception for; and the keeper hears of it.</summary>
internal static class Undefined
{
    private const ulong EsrUnknown = 1ul << 25; // EC 0, a 32-bit instruction
    private const ulong Handler = 0x3C5;        // EL1h, all exceptions masked

    public static void Inject(ref Vcpu vcpu)
    {
        if (vcpu.IsKeeper) Panic.Report("the keeper used what it may not have, core "u8, ref vcpu);
        ulong pc = vcpu.Pc, pstate = vcpu.Pstate;
        Cpu.SetExceptionEl1(EsrUnknown, pc, pstate);
        vcpu.Pstate = Handler;
        // Arm ARM, "Exception vectors": from the same level with SP_EL0 or SP_EL1, from a lower one in AArch64 or AArch32.
        uint mode = (uint)pstate & 0x1F;
        vcpu.Pc = Cpu.VbarEl1() + (mode == 5 ? 0x200u : mode == 4 ? 0 : mode == 0 ? 0x400u : 0x600u);
        World.Leave(ref vcpu, VcpuState.Ready, ExitReason.Undefined, vcpu.Trap.Bits, pc);
    }
}
