using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.Hypervisor.Interrupts;
using Pocketvisor.Hypervisor.Memory;

namespace Pocketvisor.Hypervisor.Vcpus;

[InlineArray(VirtualHandset.SpiCount / 32)]
internal struct SharedInterrupts { private InterruptBank _first; }

/// <summary>A virtual machine: the second page of its control memory. Guarded by the hypervisor's lock.</summary>
internal struct Vm
{
    /// <summary>INTIDs 0 to 95.</summary>
    public const uint Interrupts = VirtualHandset.FirstSpi + VirtualHandset.SpiCount;

    // Set once.
    public uint Id, VcpuCount;
    public ulong ControlBase, ControlPages; // physical address of the donated pages
    public ulong Vttbr;

    public TranslationTables Stage2;
    public ulong LentPages;

    public uint GicControl; // GICD_CTLR: [1] EnableGrp1, [0] EnableGrp0
    public SharedInterrupts Shared;
}
