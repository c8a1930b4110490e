using System.Collections.Generic;
using Pocketvisor.Abi;

namespace Pocketvisor.Keeper.Machine;

/// <summary>A hypervisor that has one VM, number 3, of three vCPUs.</summary>
public static class Hypercall
{
    public const int Vm = 3, Vcpus = 3;

    private static readonly Dictionary<(int Vcpu, VcpuRegister Register), ulong> s_registers = [];

    /// <summary>Calls that turn a vCPU on.</summary>
    public static List<(int Vcpu, ulong Entry, ulong Context)> Starts { get; } = [];

    /// <summary>A vCPU that runs on another core; -1: none.</summary>
    public static int Running { get; set; }

    /// <summary>The VM is being taken back.</summary>
    public static bool Ends { get; set; }

    /// <summary>Registers that were written, or that a test has set, of a vCPU.</summary>
    public static IEnumerable<VcpuRegister> Touched(int vcpu)
    {
        foreach (var (of, register) in s_registers.Keys)
            if (of == vcpu) yield return register;
    }

    /// <summary>All vCPUs are off, and their registers zero.</summary>
    public static void Reset()
    {
        s_registers.Clear();
        Starts.Clear();
        Running = -1;
        Ends = false;
    }

    public static ulong VcpuGet(int vm, int vcpu, VcpuRegister register) => VcpuGet(vm, vcpu, register, out ulong value) == HvcStatus.Success ? value : 0;

    public static HvcStatus VcpuGet(int vm, int vcpu, VcpuRegister register, out ulong value)
    {
        value = s_registers.GetValueOrDefault((vcpu, register));
        // The bytes above are others' in the real one.
        if (register == VcpuRegister.State) value |= 0xAAAA_AA00;
        return Check(vm, vcpu);
    }

    public static void VcpuSet(int vm, int vcpu, VcpuRegister register, ulong value)
    {
        if (Check(vm, vcpu) == HvcStatus.Success && register != VcpuRegister.Xzr) s_registers[(vcpu, register)] = value;
    }

    public static HvcStatus VcpuStart(int vm, int vcpu, ulong entry, ulong x0)
    {
        HvcStatus status = Check(vm, vcpu);
        if (status != HvcStatus.Success) return status;
        if (s_registers.GetValueOrDefault((vcpu, VcpuRegister.State)) != 0) return HvcStatus.Busy;
        s_registers[(vcpu, VcpuRegister.State)] = 1;
        Starts.Add((vcpu, entry, x0));
        return HvcStatus.Success;
    }

    public static HvcStatus VcpuStop(int vm, int vcpu)
    {
        HvcStatus status = Check(vm, vcpu);
        if (status == HvcStatus.Success) s_registers[(vcpu, VcpuRegister.State)] = 0;
        return status;
    }

    private static HvcStatus Check(int vm, int vcpu) =>
        vm != Vm || Ends ? HvcStatus.Denied : vcpu is < 0 or >= Vcpus ? HvcStatus.InvalidParameters : vcpu == Running ? HvcStatus.Busy : HvcStatus.Success;
}
