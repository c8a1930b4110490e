using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;

namespace Pocketvisor.Keeper.Machine;

/// <summary>Details of an exit; see <see cref="ExitReason"/>.</summary>
public struct VcpuExit
{
    private readonly ulong _reason;
    public ulong X2, X3, X4;

    /// <summary>Ticks of the counter that it waited for interrupts without leaving.</summary>
    public ulong Waited;
    public readonly ExitReason Reason => (ExitReason)_reason;
}

/// <summary>The hypervisor's calls, typed. The contract is <see cref="HvcFunction"/>.</summary>
public static unsafe class Hypercall
{
    private struct Registers
    {
        public ulong X0, X1, X2, X3, X4;
    }

    /// <summary>Whether a hypervisor is there; without, every call is NotSupported but for PSCI's.</summary>
    public static bool IsPresent { get; set; }

    public static HvcStatus Version(out uint version, out ulong hypervisorBytes)
    {
        Registers r = new() { X0 = (ulong)HvcFunction.Version };
        Call(&r);
        version = (uint)r.X1;
        hypervisorBytes = r.X2;
        return (HvcStatus)r.X0;
    }

    /// <summary>Begins the keeper anew as a virtual machine, with the context in x0; comes back only if refused. The description lies in the image.</summary>
    public static HvcStatus Establish(ref HandsetDescription handset, ulong context) =>
        Simple(HvcFunction.Establish, AddressSpace.PhysicalOf((ulong)Unsafe.AsPointer(ref handset)), context, 0, 0);

    public static HvcStatus PageState(ulong address, out PageState state, out int vm)
    {
        Registers r = new() { X0 = (ulong)HvcFunction.PageState, X1 = address };
        Call(&r);
        state = (PageState)r.X1;
        vm = (int)r.X2;
        return (HvcStatus)r.X0;
    }

    public static HvcStatus VmCreate(ulong controlPages, int pages, int vcpus, out int vm)
    {
        Registers r = new() { X0 = (ulong)HvcFunction.VmCreate, X1 = controlPages, X2 = (ulong)pages, X3 = (ulong)vcpus };
        Call(&r);
        vm = (int)r.X1;
        return (HvcStatus)r.X0;
    }

    public static HvcStatus VmDestroy(int vm) => Simple(HvcFunction.VmDestroy, (ulong)vm, 0, 0, 0);

    public static HvcStatus VmLend(int vm, ulong address, ulong guestAddress, ulong pages) =>
        Simple(HvcFunction.VmLend, (ulong)vm, address, guestAddress, pages);

    /// <summary>The guest's writes there come to the keeper, as if nothing were mapped.</summary>
    public static HvcStatus VmLendReadOnly(int vm, ulong address, ulong guestAddress, ulong pages) =>
        Simple(HvcFunction.VmLend, (ulong)vm, address, guestAddress | VmControl.LendReadOnly, pages);

    public static HvcStatus VmReclaim(int vm, ulong address, int pages) =>
        Simple(HvcFunction.VmReclaim, (ulong)vm, address, (ulong)pages, 0);

    public static HvcStatus VmSetInterrupt(int vm, int interrupt, bool level) =>
        Simple(HvcFunction.VmSetInterrupt, (ulong)vm, (ulong)interrupt, level ? 1UL : 0, 0);

    public static HvcStatus VcpuBind(int vm, int vcpu, int core) =>
        Simple(HvcFunction.VcpuBind, (ulong)vm, (ulong)vcpu, (ulong)core, 0);

    public static HvcStatus VcpuStart(int vm, int vcpu, ulong entry, ulong x0) =>
        Simple(HvcFunction.VcpuStart, (ulong)vm, (ulong)vcpu, entry, x0);

    public static HvcStatus VcpuStop(int vm, int vcpu) => Simple(HvcFunction.VcpuStop, (ulong)vm, (ulong)vcpu, 0, 0);

    /// <summary>The register's value, or 0 if the hypervisor refuses.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong VcpuGet(int vm, int vcpu, VcpuRegister register) => VcpuGet(vm, vcpu, register, out ulong value) == HvcStatus.Success ? value : 0;

    [SkipLocalsInit]
    public static HvcStatus VcpuGet(int vm, int vcpu, VcpuRegister register, out ulong value)
    {
        Registers r;
        HvcStatus status = Simple(&r, HvcFunction.VcpuGet, (ulong)vm, (ulong)vcpu, (ulong)register, 0);
        value = r.X1;
        return status;
    }

    /// <summary>Of a vCPU that does not run. If the hypervisor refuses, because its VM ends, nobody will read it.</summary>
    public static void VcpuSet(int vm, int vcpu, VcpuRegister register, ulong value) =>
        Simple(HvcFunction.VcpuSet, (ulong)vm, (ulong)vcpu, (ulong)register, value);

    /// <summary>Runs a vCPU on this core until something needs the keeper.</summary>
    /// <param name="answer">What its last MMIO read returns.</param>
    /// <param name="alone">Nobody else wants this core: if the vCPU waits, the core waits with it.</param>
    public static HvcStatus VcpuRun(int vm, int vcpu, ulong answer, bool alone, out VcpuExit exit)
    {
        fixed (VcpuExit* e = &exit) return (HvcStatus)Run((ulong)vm, (ulong)vcpu, answer, alone ? 1UL : 0, e);
    }

    /// <summary>VMs with a vCPU bound to this core that became ready since the last call, one bit each.</summary>
    public static uint TakeWakeups()
    {
        Registers r = new() { X0 = (ulong)HvcFunction.TakeWakeups };
        Call(&r);
        return (HvcStatus)r.X0 == HvcStatus.Success ? (uint)r.X1 : 0;
    }

    /// <summary>This core lives, and will call again within some seconds; 0: or not.</summary>
    public static void Watchdog(uint seconds) => Simple(HvcFunction.Watchdog, seconds, 0, 0, 0);

    /// <summary>PSCI (Arm DEN 0022) CPU_ON; 0 if the core starts.</summary>
    public static long CpuOn(ulong mpidr, ulong entry, ulong context)
    {
        Registers r = new() { X0 = 0xC400_0003, X1 = mpidr, X2 = entry, X3 = context };
        Invoke(&r);
        return (long)r.X0;
    }

    /// <summary>PSCI AFFINITY_INFO: whether there is such a core.</summary>
    public static bool IsCore(ulong mpidr)
    {
        Registers r = new() { X0 = 0xC400_0004, X1 = mpidr };
        Invoke(&r);
        return (long)r.X0 >= 0;
    }

    /// <summary>PSCI SYSTEM_OFF: the whole handset.</summary>
    [DoesNotReturn]
    public static void SystemOff() => Last(0x8400_0008);

    /// <summary>PSCI SYSTEM_RESET: the whole handset.</summary>
    [DoesNotReturn]
    public static void SystemReset() => Last(0x8400_0009);

    [DoesNotReturn]
    private static void Last(ulong function)
    {
        Registers r = new() { X0 = function };
        Invoke(&r);
        Cpu.Halt();
    }

    [SkipLocalsInit, MethodImpl(MethodImplOptions.NoInlining)]
    private static HvcStatus Simple(HvcFunction function, ulong x1, ulong x2, ulong x3, ulong x4)
    {
        Registers r;
        return Simple(&r, function, x1, x2, x3, x4);
    }

    // Field by field: an initialiser clears them first, which takes a vector register, and so a trap after each exit of a guest; so does a method that these are inlined into.
    private static HvcStatus Simple(Registers* r, HvcFunction function, ulong x1, ulong x2, ulong x3, ulong x4)
    {
        r->X0 = (ulong)function;
        r->X1 = x1;
        r->X2 = x2;
        r->X3 = x3;
        r->X4 = x4;
        Call(r);
        return (HvcStatus)r->X0;
    }

    private static void Call(Registers* r)
    {
        if (IsPresent) Invoke(r);
        else r->X0 = unchecked((ulong)HvcStatus.NotSupported);
    }

    [RuntimeImport("*", "cpu_hvc"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Invoke(Registers* registers);
    [RuntimeImport("*", "cpu_vcpu_run"), MethodImpl(MethodImplOptions.InternalCall)] private static extern long Run(ulong vm, ulong vcpu, ulong answer, ulong alone, VcpuExit* exit);
}
