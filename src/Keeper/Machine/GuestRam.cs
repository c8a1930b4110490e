using System;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Keeper.Machine;

/// <summary>A guest's memory: at its own address for the guest, somewhere else in the handset's at each start.</summary>
public sealed class GuestRam : GuestMemory
{
    public GuestRam() : base(VirtualHandset.Ram, 0)
    {
    }

    /// <summary>Another profile's guest has the memory now, of so many bytes. Only while there is none.</summary>
    public void Resize(ulong size) => Size = size;

    /// <summary>Physical address of the first byte; 0 while the guest has no memory.</summary>
    public ulong PhysicalAddress { get; set; }

    /// <summary>Physical address of a guest address in this memory.</summary>
    public ulong ToPhysical(ulong guestAddress) => guestAddress - Address + PhysicalAddress;

    public override ulong DeviceAddress(ulong address) => ToPhysical(address);

    protected override Span<byte> Window(ulong offset, int length) =>
        PhysicalAddress == 0 ? default : Memory.At(PhysicalAddress + offset, length);
}
