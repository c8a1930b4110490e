using System.Runtime.CompilerServices;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Traps;

/// <summary>System registers that trap and whose state is EL2's. Names are the manual's; what is not here, the keeper answers.</summary>
internal static class SystemRegisters
{
    // As in the syndrome: Op0 [21:20], Op2 [19:17], Op1 [16:14], CRn [13:10], CRm [4:1].
    private const uint Op0 = 1 << 20, Op2 = 1 << 17, Op1 = 1 << 14, CRn = 1 << 10, CRm = 1 << 1;

    private const uint IccSgi1rEl1 = 3 * Op0 | 12 * CRn | 11 * CRm | 5 * Op2;
    private const uint MdscrEl1 = 2 * Op0 | 2 * CRm | 2 * Op2;

    private const uint CntpctEl0 = 3 * Op0 | 3 * Op1 | 14 * CRn | 1 * Op2;

    // Single-stepping is the guest's own; breakpoint and watchpoint registers are not virtualised, so MDE stays off.
    private const ulong MdscrGuest = 1 << 12 | 1 << 0; // TDCC, SS

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Handle(ref Vcpu vcpu)
    {
        var trap = vcpu.Trap;
        uint register = trap.SystemRegister;
        ulong value = vcpu.Read(trap.SystemRegisterRt);
        if (register == IccSgi1rEl1)
        {
            Delivery.SendSgi(ref vcpu, value);
        }
        else if (register == MdscrEl1)
        {
            if (!trap.ReadsSystemRegister) Cpu.SetMdscrEl1(value & MdscrGuest);
            value = Cpu.MdscrEl1();
        }
        else if (register == CntpctEl0)
        {
            value = Cpu.CntpctEl0() - vcpu.CntvoffEl2; // the virtual counter: the physical one tells how long the handset is up
        }
        else
        {
            Instructions.HandOver(ref vcpu);
            return;
        }
        if (trap.ReadsSystemRegister) vcpu.Write(trap.SystemRegisterRt, value);
        vcpu.Pc = vcpu.Pc + 4; // AArch64, whatever IL says
    }
}
