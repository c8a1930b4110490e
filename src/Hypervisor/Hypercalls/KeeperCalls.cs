using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Boot;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Machine;
using Pocketvisor.Hypervisor.Memory;
using Pocketvisor.Hypervisor.Traps;
using Pocketvisor.Hypervisor.Vcpus;

namespace Pocketvisor.Hypervisor.Hypercalls;

/// <summary>The whole surface that the keeper has, on one screen. Abi/HvcFunction.cs says what each takes and gives.</summary>
internal static class KeeperCalls
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Handle(ref Vcpu keeper, HvcFunction function)
    {
        ulong a = keeper.X[1], b = keeper.X[2], c = keeper.X[3], d = keeper.X[4];
        keeper.X[0] = (ulong)HvcStatus.Success; // VcpuRun may return in a guest, so the usual answer comes first
        var status = !Establishment.IsDone ? First(function, a, b) : function switch
        {
            HvcFunction.Version => Answer(ref keeper, AbiVersion.Current, Handset.BytesKept),
            HvcFunction.PageState => Answer(ref keeper, (ulong)OwnerTable.StateOf(a, out uint tied), tied),
            HvcFunction.TakeWakeups => TakeWakeups(ref keeper),
            HvcFunction.Watchdog => Watchdog(ref keeper, (uint)a),
            HvcFunction.VmCreate => VmLifecycle.Create(ref keeper, a, b, c),
            (HvcFunction)Psci.AffinityInfo64 => (HvcStatus)Psci.IsOff(a),
            (HvcFunction)Psci.CpuOn64 => (HvcStatus)Psci.TurnOn(a, b, c),
            (HvcFunction)Psci.SystemOff or (HvcFunction)Psci.SystemReset => (HvcStatus)Cpu.CallFirmware((uint)function, 0, 0, 0),
            < HvcFunction.Version => HvcStatus.NotSupported,
            _ => a - 1 >= VmControl.MaxVms - 1 ? HvcStatus.InvalidParameters
                : OfVm(ref keeper, function, (uint)a, b, c, d),
        };
        if (status != HvcStatus.Success) keeper.X[0] = (ulong)status;
    }

    // Nobody is there but the keeper, and it has one call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus First(HvcFunction function, ulong a, ulong b) =>
        function == HvcFunction.Establish ? Establishment.Establish(a, b) : HvcStatus.NotSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus OfVm(ref Vcpu keeper, HvcFunction function, uint id, ulong b, ulong c, ulong d)
    {
        VmState state = Vms.State[(int)id];
        if (state == VmState.Free) return HvcStatus.Denied;
        ref Vm vm = ref PhysicalMemory.Vm(id);
        if (function == HvcFunction.VmReclaim) return VmLifecycle.Reclaim(ref vm, b, c);
        if (function == HvcFunction.VmDestroy) return VmLifecycle.Destroy(ref vm);
        if (state != VmState.Alive) return HvcStatus.Denied;
        if (function == HvcFunction.VmLend) return VmLifecycle.Lend(ref vm, b, c, d);
        if (function == HvcFunction.VmSetInterrupt) return SetInterrupt(ref keeper, ref vm, b - VirtualHandset.FirstSpi, c);

        if (b >= vm.VcpuCount) return HvcStatus.InvalidParameters;
        ref Vcpu vcpu = ref PhysicalMemory.Vcpu(id, (uint)b);
        if (vcpu.State == VcpuState.Running) return HvcStatus.Busy;
        return function switch
        {
            HvcFunction.VcpuRun => Run(ref keeper, ref vcpu, c, d),
            HvcFunction.VcpuBind => Bind(ref vcpu, c),
            HvcFunction.VcpuStart => Start(ref keeper, ref vcpu, c, d),
            HvcFunction.VcpuStop => Stop(ref vcpu),
            HvcFunction.VcpuGet => c < (ulong)VcpuRegister.Count ? Answer(ref keeper, Register(ref vcpu, c), 0) : HvcStatus.InvalidParameters,
            HvcFunction.VcpuSet => c <= (ulong)VcpuRegister.Ttbr1El1 ? Set(ref vcpu, c, d) : HvcStatus.InvalidParameters,
            _ => HvcStatus.NotSupported,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus SetInterrupt(ref Vcpu keeper, ref Vm vm, ulong spi, ulong level)
    {
        if (spi >= VirtualHandset.SpiCount || level > 1) return HvcStatus.InvalidParameters;
        ref uint lines = ref vm.Shared[(int)(spi / 32 & 1)].Level;
        uint before = lines, after = before & ~(1u << (int)spi) | (uint)level << (int)spi;
        lines = after;
        if (after != before) Delivery.NotifyTarget(ref vm, (uint)spi, ref keeper);
        return HvcStatus.Success;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus TakeWakeups(ref Vcpu keeper)
    {
        ref ulong wakeups = ref Cores.At(keeper.Index).Wakeups;
        Answer(ref keeper, wakeups, 0);
        wakeups = 0;
        return HvcStatus.Success;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus Watchdog(ref Vcpu keeper, uint seconds)
    {
        keeper.Patience = seconds;
        Cpu.StartWatchdog(seconds);
        return HvcStatus.Success;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus Bind(ref Vcpu vcpu, ulong core)
    {
        if (core >= Cores.Count) return HvcStatus.InvalidParameters;
        vcpu.Core = (uint)core;
        return HvcStatus.Success;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus Start(ref Vcpu keeper, ref Vcpu vcpu, ulong entry, ulong context)
    {
        if (vcpu.State != VcpuState.Off) return HvcStatus.Busy;
        VmLifecycle.Reset(ref vcpu, entry, context);
        Delivery.Wake(ref vcpu, ref keeper);
        return HvcStatus.Success;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus Stop(ref Vcpu vcpu)
    {
        vcpu.State = VcpuState.Off;
        return HvcStatus.Success;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus Run(ref Vcpu keeper, ref Vcpu vcpu, ulong answer, ulong mayWait)
    {
        if (vcpu.State == VcpuState.Off) return Answer(ref keeper, (ulong)ExitReason.Off, 0);
        // An interrupt that came while the keeper was on its way here must not wait for the guest to leave.
        Cpu.SaveLists(ref keeper);
        ulong lists = 0;
        for (int i = 0; i < Vgic.ListRegisters; i++) lists |= keeper.Lists[i];
        if ((lists & ListRegister.Pending) != 0) return Answer(ref keeper, (ulong)ExitReason.Interrupt, 0);

        Vgic.Collect(ref keeper); // what it has ended can be raised again while the guest runs
        if (vcpu.State != VcpuState.Ready && !Vgic.HasWork(ref vcpu, vcpu.IchVmcr))
        {
            ulong deadline = VirtualTimer.Deadline(ref vcpu);
            if (deadline > Cpu.CntpctEl0()) return Answer(ref keeper, (ulong)ExitReason.WaitForInterrupt, deadline);
        }
        Vgic.Fill(ref vcpu);
        if (vcpu.AccessPending) Aborts.Finish(ref vcpu, answer);
        vcpu.MayWaitHere = mayWait != 0;
        World.Enter(ref keeper, ref vcpu);
        return HvcStatus.Success;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HvcStatus Set(ref Vcpu vcpu, ulong register, ulong value)
    {
        // All others the guest could have set itself. This one decides at which exception level the vCPU goes on.
        if (register == (ulong)VcpuRegister.Pstate) value = value & VmLifecycle.PstateMasks | VmLifecycle.PstateEl1h;
        Register(ref vcpu, register) = value;
        vcpu.X[(int)VcpuRegister.Xzr] = 0;
        return HvcStatus.Success;
    }

    // VcpuRegister counts the words of Vcpu.
    private static ref ulong Register(ref Vcpu vcpu, ulong register) => ref Unsafe.Add(ref Unsafe.As<Vcpu, ulong>(ref vcpu), (int)register);

    private static HvcStatus Answer(ref Vcpu keeper, ulong a, ulong b)
    {
        keeper.X[1] = a;
        keeper.X[2] = b;
        return HvcStatus.Success;
    }
}
