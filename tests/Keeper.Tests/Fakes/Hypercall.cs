using System.Collections.Generic;
using Pocketvisor.Abi;

namespace Pocketvisor.Keeper.Machine;

/// <summary>A hypervisor that has one vCPU: number 2 of VM 3.</summary>
public static class Hypercall
{
    /// <summary>What its registers hold; the others 0.</summary>
    public static Dictionary<VcpuRegister, ulong> Registers { get; } = [];

    public static ulong VcpuGet(int vm, int vcpu, VcpuRegister register) => (vm, vcpu) == (3, 2) ? Registers.GetValueOrDefault(register) : 0;

    public static void VcpuSet(int vm, int vcpu, VcpuRegister register, ulong value)
    {
        if ((vm, vcpu) == (3, 2) && register != VcpuRegister.Xzr) Registers[register] = value;
    }
}
