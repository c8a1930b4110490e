namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>Registers of a virtio device on MMIO (virtio 1.2, "MMIO Device Register Layout"); shared with the drivers.</summary>
public static class VirtioMmio
{
    public const uint Magic = 0x7472_6976; // "virt"
    public const uint Version = 2;

    /// <summary>Bytes of address space of one device on the virt machine.</summary>
    public const uint SlotSize = 0x200;

    public const uint MagicValue = 0x000;
    public const uint VersionRegister = 0x004;
    public const uint DeviceId = 0x008;
    public const uint VendorId = 0x00C;
    public const uint DeviceFeatures = 0x010;
    public const uint DeviceFeaturesSelect = 0x014;
    public const uint DriverFeatures = 0x020;
    public const uint DriverFeaturesSelect = 0x024;
    public const uint QueueSelect = 0x030;
    public const uint QueueSizeMax = 0x034;
    public const uint QueueSize = 0x038;
    public const uint QueueReady = 0x044;
    public const uint QueueNotify = 0x050;
    public const uint InterruptStatus = 0x060;
    public const uint InterruptAcknowledge = 0x064;
    public const uint Status = 0x070;
    public const uint QueueDescriptorLow = 0x080;
    public const uint QueueDescriptorHigh = 0x084;
    public const uint QueueDriverLow = 0x090;
    public const uint QueueDriverHigh = 0x094;
    public const uint QueueDeviceLow = 0x0A0;
    public const uint QueueDeviceHigh = 0x0A4;
    public const uint SharedMemoryLengthLow = 0x0B0;
    public const uint SharedMemoryBaseHigh = 0x0BC;
    public const uint ConfigGeneration = 0x0FC;
    public const uint Config = 0x100;

    // Status.
    public const uint Acknowledge = 1, Driver = 2, DriverOk = 4, FeaturesOk = 8, NeedsReset = 64, Failed = 128;

    // InterruptStatus.
    public const uint UsedBuffer = 1, ConfigChange = 2;

    /// <summary>Feature bit 28: a descriptor may refer to a table of descriptors.</summary>
    public const ulong FeatureIndirect = 1UL << 28;

    /// <summary>Feature bit 29: each side says from which index on it wants to hear of the other's.</summary>
    public const ulong FeatureEventIndex = 1UL << 29;

    /// <summary>Feature bit 32: not a device from before the standard.</summary>
    public const ulong FeatureVersion1 = 1UL << 32;

    // Device types.
    public const uint Network = 1, Block = 2, Console = 3, Entropy = 4;
}
