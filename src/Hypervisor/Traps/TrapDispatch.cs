using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Hypercalls;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Traps;

/// <summary>
/// Where vectors.S hands over, and where the hypervisor's one lock is taken and released: EL2 serves one core at a time, some
/// hundred instructions long (docs/decisions/0003). On return the core goes on with whatever vCPU is current then.
/// </summary>
internal static class TrapDispatch
{
    private static SpinLock s_lock;

    [RuntimeExport("guest_synchronous")]
    private static void Synchronous(ref Vcpu vcpu, ulong esr)
    {
        var trap = new EsrEl2(esr);
        vcpu.Trap = trap;
        if (trap.Class == ExceptionClass.Hvc64 && Calls.TryAnswer(ref vcpu)) return;
        s_lock.Enter();
        // The frequent ones first: SGIs and devices.
        if (trap.Class == ExceptionClass.SystemRegister) SystemRegisters.Handle(ref vcpu);
        else if (trap.Class == ExceptionClass.DataAbort) Aborts.Handle(ref vcpu);
        else Dispatch(ref vcpu, trap.Class);
        s_lock.Exit();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Dispatch(ref Vcpu vcpu, ExceptionClass why)
    {
        switch (why)
        {
            case ExceptionClass.Smc64:
                vcpu.Pc = vcpu.Pc + 4; // unlike HVC, a trapped SMC has not been stepped over
                goto case ExceptionClass.Hvc64;
            case ExceptionClass.Hvc64:
                Calls.Handle(ref vcpu);
                break;
            case ExceptionClass.WaitForInterrupt:
                vcpu.SkipInstruction();
                Idle(ref vcpu);
                break;
            case ExceptionClass.InstructionAbort:
                Aborts.Handle(ref vcpu);
                break;
            case ExceptionClass.SystemError:
                Aborts.Stop(ref vcpu, 0);
                break;
            case ExceptionClass.VectorAccess when vcpu.IsKeeper:
                World.LendVectors(ref vcpu);
                break;
            default:
                Instructions.HandOver(ref vcpu);
                break;
        }
    }

    [RuntimeExport("guest_interrupt")]
    private static void Interrupt(ref Vcpu vcpu)
    {
        s_lock.Enter();
        uint intId = Cpu.IccIar1El1();
        if (intId < Vm.Interrupts) // else there is none after all
        {
            Cpu.SetIccEoir1El1(intId); // drops the priority only (EOImode 1)
            Handle(ref vcpu, intId);
        }
        s_lock.Exit();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Handle(ref Vcpu vcpu, uint intId)
    {
        if (intId == VirtualHandset.VirtualTimerInterrupt && !vcpu.IsKeeper)
        {
            vcpu.Private.Latched = vcpu.Private.Latched | Vgic.TimerBit;
            Vgic.Offer(ref vcpu, intId);
            return;
        }
        ref Vcpu keeper = ref PhysicalMemory.Vcpu(VmControl.Keeper, vcpu.Core);
        if (intId == PhysicalGic.WatchdogTimer) Watchdog(ref keeper);
        if (intId is PhysicalGic.KickSgi or PhysicalGic.Maintenance or PhysicalGic.WatchdogTimer or VirtualHandset.VirtualTimerInterrupt)
        {
            Cpu.SetIccDirEl1(intId); // not passed on, so it ends here
            Vgic.Refresh(ref vcpu);
        }
        else if (intId < VirtualHandset.FirstSpi)
        {
            Delivery.Raise(ref keeper, (int)intId, ref vcpu);
        }
        else
        {
            Vgic.BankOf(ref keeper, intId).Latched |= 1u << (int)intId;
            Delivery.NotifyTarget(ref PhysicalMemory.Vm(VmControl.Keeper), intId - VirtualHandset.FirstSpi, ref vcpu);
        }
        // A guest runs, and the keeper of its core has something to take.
        if (!vcpu.IsKeeper && Vgic.MostUrgent(ref keeper, out _) >= 0) World.Leave(ref vcpu, ExitReason.Interrupt);
    }

    // Seconds are counted as they are felt: however long an emulator stood still, it is one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Watchdog(ref Vcpu keeper)
    {
        keeper.Patience = keeper.Patience - 1;
        if (keeper.Patience == 0) Panic.Report("the keeper hangs, core "u8, ref keeper);
        Cpu.StartWatchdog(keeper.Patience); // lowers the line
    }

    /// <summary>
    /// WFI, or a PSCI suspend. The keeper's own WFI does not trap. Of a guest, if nobody else wants its core, the core waits right here, for
    /// whatever interrupt comes; else the keeper is told, unless there is work.
    /// </summary>
    public static void Idle(ref Vcpu vcpu)
    {
        if (vcpu.MayWaitHere && (Cpu.IchElrsrEl2() & vcpu.ListsInUse) == vcpu.ListsInUse)
        {
            ulong before = Cpu.CntpctEl0();
            s_lock.Exit();
            Cpu.WaitForInterrupt(); // that interrupts are masked does not matter to it
            s_lock.Enter();
            vcpu.WaitedTicks = vcpu.WaitedTicks + (Cpu.CntpctEl0() - before);
            return; // into the guest, where the interrupt is taken
        }
        World.Save(ref vcpu);
        if (Vgic.HasWork(ref vcpu, vcpu.IchVmcr))
        {
            Vgic.Fill(ref vcpu);
            World.Continue(ref vcpu);
            return;
        }
        vcpu.State = VcpuState.Waiting;
        World.ReturnToKeeper(ref vcpu, ExitReason.WaitForInterrupt, VirtualTimer.Deadline(ref vcpu));
    }
}
