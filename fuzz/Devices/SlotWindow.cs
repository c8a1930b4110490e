using Pocketvisor.Abi;
using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Fuzz.Devices;

/// <summary>A virtio slot of a profile, as its guest reaches it.</summary>
internal sealed class SlotWindow(ProfileDevices devices, int slot) : MmioDevice
{
    private readonly ulong _base = VirtualHandset.VirtioMmio + (ulong)slot * VirtualHandset.VirtioMmioStep;

    public override ulong Read(uint offset, int size) => devices.TryRead(_base + offset, size, out ulong value) ? value : 0;

    public override void Write(uint offset, int size, ulong value) => devices.TryWrite(_base + offset, size, value);
}
