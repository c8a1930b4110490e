using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

internal sealed partial class Harness
{
    private const ulong StoreFault = 0x9309_8047, PermissionFault = StoreFault | 8, Hvc64 = 0x5A00_0000, Smc64 = 0x5E00_0000, WaitForInterrupt = 0x0600_0000;

    // ICH_VMCR_EL2 of a guest that takes all interrupts, of both groups.
    private const ulong TakesAll = 0xF800_0003;

    /// <summary>What the current core does on the fake handset, stores apart.</summary>
    public static Outcome Execute(Step step)
    {
        bool isKeeper = Cpu.Here.Loaded.Value.Vm == VmControl.Keeper;
        ref Vcpu vcpu = ref FakeHandset.Running();
        switch (step.Kind)
        {
            case StepKind.Hvc:
            case StepKind.Smc:
                (vcpu.X[0], vcpu.X[1], vcpu.X[2], vcpu.X[3], vcpu.X[4]) = (step.A, step.B, step.C, step.D, step.E);
                FakeHandset.Trap(step.Kind == StepKind.Hvc ? Hvc64 : Smc64);
                break;
            case StepKind.GuestExit when !isKeeper:
                FakeHandset.Read(VirtualHandset.Pl011);
                break;
            case StepKind.GuestWait when !isKeeper:
                FakeHandset.Trap(WaitForInterrupt);
                break;
            case StepKind.GuestTrap when !isKeeper:
                FakeHandset.Trap(step.A);
                break;
            case StepKind.Interrupt when step.A != PhysicalGic.WatchdogTimer || FakeHandset.Keeper(step.Core).Patience != 1: // the keeper breaks its word: that restarts the handset
                FakeHandset.Interrupt((uint)step.A);
                break;
            case StepKind.GicAccess:
                ulong address = VirtualHandset.GicDistributor + step.A % (VirtualHandset.Pl011 - VirtualHandset.GicDistributor);
                if ((step.C & 4) != 0) FakeHandset.Write(address, step.B, (int)step.C & 3);
                else FakeHandset.Read(address, (int)step.C & 3);
                break;
            case StepKind.TakeInterrupt:
                Cpu.Here.IchVmcr = TakesAll;
                uint intId = Cpu.Here.Acknowledge((step.A & 1) != 0);
                if (intId != 1023 && Cpu.Here.End(intId)) FakeHandset.Interrupt(PhysicalGic.Maintenance);
                break;
        }
        return new((HvcStatus)(long)vcpu.X[0], vcpu.X[1], vcpu.X[2], Cpu.Here.Loaded.Value);
    }
}
