using Pocketvisor.Abi;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Exits;

/// <summary>The exception that a guest gets for what it may not have, at its EL1.</summary>
public static class UndefinedInstruction
{
    private const ulong EsrUnknown = 1ul << 25; // EC 0, a 32-bit instruction
    private const ulong Handler = 0x3C5;        // EL1h, all exceptions masked

    // PSTATE [4:0]
    private const ulong Mode = 0x1F, El0 = 0x00, El1t = 0x04, El1h = 0x05; // others: EL0 in AArch32

    /// <summary>The vCPU goes on in its handler. It is not running, and at the instruction that is not for it.</summary>
    public static void Inject(int vm, int vcpu, ulong pc)
    {
        ulong pstate = Hypercall.VcpuGet(vm, vcpu, VcpuRegister.Pstate);
        Hypercall.VcpuSet(vm, vcpu, VcpuRegister.EsrEl1, EsrUnknown);
        Hypercall.VcpuSet(vm, vcpu, VcpuRegister.ElrEl1, pc);
        Hypercall.VcpuSet(vm, vcpu, VcpuRegister.SpsrEl1, pstate);
        Hypercall.VcpuSet(vm, vcpu, VcpuRegister.Pstate, Handler);
        Hypercall.VcpuSet(vm, vcpu, VcpuRegister.Pc, Hypercall.VcpuGet(vm, vcpu, VcpuRegister.VbarEl1) + Vector(pstate));
    }

    // Arm ARM, "Exception vectors": from the same level with SP_EL0 or SP_EL1, from a lower one in AArch64 or AArch32.
    private static ulong Vector(ulong pstate) => (pstate & Mode) switch
    {
        El1t => 0x000,
        El1h => 0x200,
        El0 => 0x400,
        _ => 0x600,
    };
}
