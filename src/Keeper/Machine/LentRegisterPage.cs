using System;
using Pocketvisor.Keeper.Allocation;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Machine;

/// <summary>A page of the keeper's that guests see at the first virtio-mmio slot. Its profile lends it to each of its VMs, and takes it back.</summary>
public sealed class LentRegisterPage : RegisterPage
{
    private LentRegisterPage(ulong address) => PhysicalAddress = address;

    /// <summary>Takes a page from the pool, for good. Null if there is none.</summary>
    public static LentRegisterPage Allocate()
    {
        ulong address = Pages.Allocate(1);
        return address == 0 ? null : new LentRegisterPage(address);
    }

    public ulong PhysicalAddress { get; }

    protected override Span<byte> Bytes => Memory.At(PhysicalAddress, Size);

    protected override void Clean(int offset, int bytes) => Memory.CleanDataToCoherency(PhysicalAddress + (ulong)offset, (ulong)bytes);
}
