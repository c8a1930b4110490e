namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>Transports without a device, for guests that probe every slot of the virt machine.</summary>
public sealed class EmptySlots : MmioDevice
{
    public override ulong Read(uint offset, int size) => (offset % VirtioMmio.SlotSize) switch
    {
        VirtioMmio.MagicValue => VirtioMmio.Magic,
        VirtioMmio.VersionRegister => VirtioMmio.Version,
        _ => 0, // the device ID, too: "a placeholder, the driver ignores it"
    };

    public override void Write(uint offset, int size, ulong value)
    {
    }
}
