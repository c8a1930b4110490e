using Pocketvisor.Abi;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Exits;

/// <summary>Instructions that the hypervisor leaves to us: system registers that don't change, and what a guest may not have.</summary>
public static class Instructions
{
    private const int Length = 4;

    /// <summary>Carries the instruction out.</summary>
    /// <returns>False if the guest may not have it: then it gets an undefined-instruction exception.</returns>
    public static bool TryComplete(int vm, int vcpu, Syndrome trap, ulong pc)
    {
        if (!trap.IsSystemRegister || !TryRead(trap, out ulong value))
        {
            UndefinedInstruction.Inject(vm, vcpu, pc);
            return false;
        }
        if (trap.Reads) Hypercall.VcpuSet(vm, vcpu, (VcpuRegister)trap.Register, value);
        Hypercall.VcpuSet(vm, vcpu, VcpuRegister.Pc, pc + Length);
        return true;
    }

    // Writes to these are ignored.
    private static bool TryRead(Syndrome trap, out ulong value)
    {
        value = 0;
        switch (trap)
        {
            case { Op0: 3, Op1: 0, CRn: 0 }: // ID registers
                int index = trap.CRm * 8 + trap.Op2;
                if (IdRegisters.Exists(index)) value = IdRegisters.Restrict(index, Cpu.IdRegister(index));
                return true;
            case { Op0: 2 }:                                            // breakpoints, watchpoints, OS lock, …
            case { Op0: 3, Op1: 0, CRn: 1, CRm: 0, Op2: 1 }:            // ACTLR_EL1
            case { Op0: 3, Op1: 0, CRn: 12, CRm: 11, Op2: 6 or 7 }:     // ICC_ASGI1R_EL1, ICC_SGI0R_EL1
                return true;
            default:
                return false;
        }
    }
}
