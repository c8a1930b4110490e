using Pocketvisor.Hypervisor.Interrupts;

namespace Pocketvisor.Hypervisor.Vcpus;

/// <summary>The virtual timer of a vCPU that is not loaded.</summary>
internal static class VirtualTimer
{
    private const ulong Enabled = 1, Masked = 2; // CNTV_CTL_EL0

    /// <summary>When it will interrupt, in ticks of the physical counter; all ones if it is off, masked, or has done so already.</summary>
    public static ulong Deadline(ref Vcpu vcpu)
    {
        bool counts = (vcpu.CntvCtlEl0 & (Enabled | Masked)) == Enabled
            && (vcpu.Private.Enabled & ~vcpu.Private.Listed & ~vcpu.Private.Latched & Vgic.TimerBit) != 0;
        ulong deadline = vcpu.CntvCvalEl0 + vcpu.CntvoffEl2;
        return !counts || deadline < vcpu.CntvCvalEl0 ? ulong.MaxValue : deadline;
    }
}
