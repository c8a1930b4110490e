using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>The driver's side of virtio over MMIO (virtio 1.2, "Device Initialization").</summary>
public sealed class VirtioTransport
{
    private readonly MmioBus _bus;

    public VirtioTransport(MmioBus bus) => _bus = bus;

    /// <summary>The device's type, or 0 if there is none that we can drive: no virtio, a legacy device, an empty slot.</summary>
    public uint DeviceId
    {
        get
        {
            if (_bus.Read32(VirtioMmio.MagicValue) != VirtioMmio.Magic) return 0;
            return _bus.Read32(VirtioMmio.VersionRegister) == VirtioMmio.Version ? _bus.Read32(VirtioMmio.DeviceId) : 0;
        }
    }

    /// <summary>Features agreed on.</summary>
    public ulong Features { get; private set; }

    /// <summary>Resets the device. When that is over it touches no memory any more.</summary>
    /// <returns>Whether it was over in time.</returns>
    public bool TryReset()
    {
        _bus.Write32(VirtioMmio.Status, 0);
        for (int i = 0; i < 1000; i++)
            if (_bus.Read32(VirtioMmio.Status) == 0) return true;
        return false;
    }

    /// <summary>Resets the device and agrees on what both sides know of <paramref name="known"/>.</summary>
    public bool TryNegotiate(ulong known)
    {
        TryReset();
        _bus.Write32(VirtioMmio.Status, VirtioMmio.Acknowledge);
        _bus.Write32(VirtioMmio.Status, VirtioMmio.Acknowledge | VirtioMmio.Driver);

        _bus.Write32(VirtioMmio.DeviceFeaturesSelect, 0);
        ulong offered = _bus.Read32(VirtioMmio.DeviceFeatures);
        _bus.Write32(VirtioMmio.DeviceFeaturesSelect, 1);
        offered |= (ulong)_bus.Read32(VirtioMmio.DeviceFeatures) << 32;
        Features = offered & (known | VirtioMmio.FeatureVersion1);
        _bus.Write32(VirtioMmio.DriverFeaturesSelect, 0);
        _bus.Write32(VirtioMmio.DriverFeatures, (uint)Features);
        _bus.Write32(VirtioMmio.DriverFeaturesSelect, 1);
        _bus.Write32(VirtioMmio.DriverFeatures, (uint)(Features >> 32));

        const uint agreed = VirtioMmio.Acknowledge | VirtioMmio.Driver | VirtioMmio.FeaturesOk;
        _bus.Write32(VirtioMmio.Status, agreed);
        if ((_bus.Read32(VirtioMmio.Status) & VirtioMmio.FeaturesOk) != 0 && (Features & VirtioMmio.FeatureVersion1) != 0) return true;
        GiveUp();
        return false;
    }

    public bool TryStartQueue(int index, DriverQueue queue)
    {
        _bus.Write32(VirtioMmio.QueueSelect, (uint)index);
        if (_bus.Read32(VirtioMmio.QueueReady) != 0 || _bus.Read32(VirtioMmio.QueueSizeMax) < (uint)queue.Size)
        {
            GiveUp();
            return false;
        }

        _bus.Write32(VirtioMmio.QueueSize, (uint)queue.Size);
        _bus.Write32(VirtioMmio.QueueDescriptorLow, (uint)queue.DescriptorTable);
        _bus.Write32(VirtioMmio.QueueDescriptorHigh, (uint)(queue.DescriptorTable >> 32));
        _bus.Write32(VirtioMmio.QueueDriverLow, (uint)queue.DriverArea);
        _bus.Write32(VirtioMmio.QueueDriverHigh, (uint)(queue.DriverArea >> 32));
        _bus.Write32(VirtioMmio.QueueDeviceLow, (uint)queue.DeviceArea);
        _bus.Write32(VirtioMmio.QueueDeviceHigh, (uint)(queue.DeviceArea >> 32));
        _bus.Write32(VirtioMmio.QueueReady, 1);
        return true;
    }

    public void Start() =>
        _bus.Write32(VirtioMmio.Status, VirtioMmio.Acknowledge | VirtioMmio.Driver | VirtioMmio.FeaturesOk | VirtioMmio.DriverOk);

    public void GiveUp() => _bus.Write32(VirtioMmio.Status, _bus.Read32(VirtioMmio.Status) | VirtioMmio.Failed);

    public void Notify(int queue) => _bus.Write32(VirtioMmio.QueueNotify, (uint)queue);

    public uint ReadConfig32(uint offset) => _bus.Read32(VirtioMmio.Config + offset);

    /// <summary>
    /// Lowers the device's interrupt. Comes before a look at the queues: what arrives after this look raises it again, and the
    /// handset's controller takes the rising edge.
    /// </summary>
    public void AcknowledgeInterrupts()
    {
        uint causes = _bus.Read32(VirtioMmio.InterruptStatus);
        if (causes != 0) _bus.Write32(VirtioMmio.InterruptAcknowledge, causes);
    }

    /// <summary>The same for who knows that it is raised: one access less, and each is dear.</summary>
    public void AcknowledgeInterrupt() => _bus.Write32(VirtioMmio.InterruptAcknowledge, VirtioMmio.UsedBuffer | VirtioMmio.ConfigChange);
}
