using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Profiles;
using Pocketvisor.Keeper.Scheduling;

namespace Pocketvisor.Keeper.Exits;

/// <summary>Why guests come back to the keeper, and what is done about it: all of it on this screen.</summary>
public static class ExitDispatch
{
    /// <summary>Runs a vCPU until it needs the keeper, and sees to that.</summary>
    /// <param name="alone">Nobody else wants this core.</param>
    /// <param name="deadline">With <see cref="ExitAction.Sleep"/>: when its timer fires, in ticks.</param>
    /// <param name="waited">Ticks that it only waited, which is possible if it is alone; they are added.</param>
    [SkipLocalsInit] // clearing the exit's fields takes a vector register, and so a trap
    public static ExitAction RunOnce(Vcpu vcpu, bool alone, ref ulong waited, out ulong deadline)
    {
        Profile profile = vcpu.Profile;
        deadline = Schedulable.Never;
        HvcStatus status = Hypercall.VcpuRun(profile.Vm, vcpu.Index, vcpu.Answer, alone, out VcpuExit exit);
        if (status != HvcStatus.Success)
        {
            FaultReport.Refused(vcpu, status);
            profile.RequestStop(StopReason.Crashed);
            return ExitAction.TurnOff;
        }
        waited += exit.Waited;
        switch (exit.Reason)
        {
            case ExitReason.Mmio:
                return Access(vcpu, exit.X2, new MmioAccess((uint)exit.X3), exit.X4);
            case ExitReason.Interrupt:
                return ExitAction.Yield;
            case ExitReason.WaitForInterrupt:
                deadline = exit.X2;
                return ExitAction.Sleep;
            case ExitReason.Off:
                return ExitAction.TurnOff;
            case ExitReason.Instruction when new Syndrome(exit.X2).IsCall:
                if (GuestCalls.IsOnAfter(profile.Vm, vcpu.Index, (uint)exit.X4, out StopReason end)) return ExitAction.Resume;
                if (end != StopReason.None) profile.RequestStop(end);
                return ExitAction.TurnOff;
            case ExitReason.Instruction:
                if (!Instructions.TryComplete(profile.Vm, vcpu.Index, new Syndrome(exit.X2), exit.X3)) profile.ReportUndefined(vcpu, exit.X2, exit.X3);
                return ExitAction.Resume;
            case ExitReason.Fault:
            default:
                FaultReport.Fault(vcpu, exit);
                Hypercall.VcpuStop(profile.Vm, vcpu.Index);
                profile.RequestStop(StopReason.Crashed);
                return ExitAction.TurnOff;
        }
    }

    private static ExitAction Access(Vcpu vcpu, ulong address, MmioAccess access, ulong value)
    {
        Profile profile = vcpu.Profile;
        bool answered;
        if (access.Writes)
        {
            answered = profile.Devices.TryWrite(address, access.Size, value);
            vcpu.WaitsForDisk = profile.Devices.AreDisksBusy;
        }
        else
        {
            answered = profile.Devices.TryRead(address, access.Size, out ulong answer);
            vcpu.Answer = answer;
        }
        if (answered) return ExitAction.Resume;
        FaultReport.NoDevice(vcpu, address, access);
        profile.RequestStop(StopReason.Crashed);
        return ExitAction.TurnOff;
    }
}
