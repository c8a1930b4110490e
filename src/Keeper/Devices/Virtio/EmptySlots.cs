namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>Transports without a device, for guests that probe every slot of the virt machine.</summary>
public sealed class EmptySlots : MmioDevice
{
    public override ulong Read(uint offset, int size) => ReadRegister(offset % VirtioMmio.SlotSize);

    public override void Write(uint offset, int size, ulong value)
    {
    }

    /// <summary>A register of one such transport.</summary>
    public static ulong ReadRegister(uint offset) => offset switch
    {
        VirtioMmio.MagicValue => VirtioMmio.Magic,
        VirtioMmio.VersionRegister => VirtioMmio.Version,
        _ => 0, // the device ID, too: "a placeholder, the driver ignores it"
    };
}
