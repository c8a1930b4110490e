using System;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>
/// A virtio device and its MMIO transport: registers, feature negotiation, status and queues (virtio 1.2, "Device
/// Initialization" and "Virtio Over MMIO"). What the device does with its queues is up to the subclass.
/// </summary>
public abstract class VirtioDevice : MmioDevice
{
    private const uint OurVendor = 0x5650_434B; // anything but 0

    private readonly uint _deviceId;
    private readonly InterruptLine _line;
    private readonly Virtqueue[] _queues;

    private uint _status, _interrupts, _generation;
    private uint _offeredSelect, _acceptedSelect, _queueSelect;
    private ulong _accepted;
    private RegisterPage _page; // null if the guest leaves for each read
    private int _slot;

    /// <param name="features">Of this device; FeatureVersion1 is always offered.</param>
    protected VirtioDevice(uint deviceId, ulong features, int queues, int queueSize, GuestMemory memory, InterruptLine line)
    {
        _deviceId = deviceId;
        Offered = features | VirtioMmio.FeatureVersion1;
        _line = line;
        _queues = new Virtqueue[queues];
        for (int i = 0; i < queues; i++)
        {
            _queues[i] = new Virtqueue(memory, queueSize);
            _queues[i].Reset();
        }
    }

    /// <summary>
    /// Whether there is a device behind the transport. A slot keeps its device object for every guest, but not every guest has the
    /// device: without, it is the placeholder with device ID 0. Changes only while no guest runs.
    /// </summary>
    public bool IsPresent { get; protected set; } = true;

    /// <summary>The driver is up, and has made no mistake yet.</summary>
    public bool IsLive => (_status & (VirtioMmio.DriverOk | VirtioMmio.NeedsReset | VirtioMmio.Failed)) == VirtioMmio.DriverOk;

    /// <summary>Features that the device has. Changes only while no guest runs.</summary>
    protected ulong Offered { get; set; }

    /// <summary>Features that both sides have agreed on.</summary>
    protected ulong Features => (_status & VirtioMmio.FeaturesOk) != 0 ? _accepted : 0;

    /// <summary>Shows its registers here from the next reset on.</summary>
    public void ShowOn(RegisterPage page, int slot)
    {
        _page = page;
        _slot = slot;
    }

    public override void Reset()
    {
        _status = _interrupts = 0;
        _offeredSelect = _acceptedSelect = _queueSelect = 0;
        _accepted = 0;
        foreach (Virtqueue queue in _queues) queue.Reset();
        Update();
        OnReset();
        ShowAll();
    }

    public override ulong Read(uint offset, int size)
    {
        if (!IsPresent) return EmptySlots.ReadRegister(offset);
        if (offset >= VirtioMmio.Config) return ReadConfigBytes(offset - VirtioMmio.Config, size);
        return size == 4 && (offset & 3) == 0 ? ReadRegister(offset) : 0; // "the driver MUST use only 32 bit wide and aligned reads and writes"
    }

    public override void Write(uint offset, int size, ulong value)
    {
        if (!IsPresent || offset >= VirtioMmio.Config || size != 4 || (offset & 3) != 0) return;
        WriteRegister(offset, (uint)value);
        if (offset is not (VirtioMmio.QueueNotify or VirtioMmio.InterruptAcknowledge)) Show(); // those show what they change themselves
    }

    protected Virtqueue Queue(int index) => _queues[index];

    /// <summary>The driver has put something into a queue that is ready, and the device is live.</summary>
    protected abstract void OnNotify(int queue);

    protected virtual void OnDriverOk()
    {
    }

    protected virtual void OnReset()
    {
    }

    /// <summary>The driver takes a queue away. What the device still has of it is void, whatever the driver puts in its place.</summary>
    protected virtual void OnStop(int queue)
    {
    }

    /// <summary>A byte of the device's configuration; 0 beyond its end.</summary>
    protected virtual byte ReadConfig(uint offset) => 0;

    /// <summary>Tells the driver about returned buffers.</summary>
    protected void RaiseUsedBuffer() => Raise(VirtioMmio.UsedBuffer);

    /// <summary>Tells the driver that it should read the configuration again.</summary>
    protected void RaiseConfigChange()
    {
        _generation++;
        ShowAll();
        if (IsLive) Raise(VirtioMmio.ConfigChange);
    }

    /// <summary>The driver broke a rule: nothing more happens until it resets the device.</summary>
    protected void Fail()
    {
        bool tell = (_status & VirtioMmio.DriverOk) != 0;
        _status |= VirtioMmio.NeedsReset;
        Show();
        if (tell) Raise(VirtioMmio.ConfigChange);
    }

    private ulong ReadConfigBytes(uint offset, int size)
    {
        ulong value = 0;
        for (int i = 0; i < size; i++) value |= (ulong)ReadConfig(offset + (uint)i) << (8 * i);
        return value;
    }

    private uint ReadRegister(uint offset)
    {
        Virtqueue queue = Selected;
        switch (offset)
        {
            case VirtioMmio.MagicValue: return VirtioMmio.Magic;
            case VirtioMmio.VersionRegister: return VirtioMmio.Version;
            case VirtioMmio.DeviceId: return _deviceId;
            case VirtioMmio.VendorId: return OurVendor;
            case VirtioMmio.DeviceFeatures: return _offeredSelect < 2 ? (uint)(Offered >> (int)(32 * _offeredSelect)) : 0;
            case VirtioMmio.QueueSizeMax: return queue == null ? 0 : (uint)queue.MaxSize;
            case VirtioMmio.QueueReady: return queue != null && queue.Ready ? 1u : 0;
            case VirtioMmio.InterruptStatus: return _interrupts;
            case VirtioMmio.Status: return _status;
            case VirtioMmio.ConfigGeneration: return _generation;

            // No shared memory: all ones, for every region.
            case >= VirtioMmio.SharedMemoryLengthLow and <= VirtioMmio.SharedMemoryBaseHigh: return 0xFFFF_FFFF;
            default: return 0;
        }
    }

    private void WriteRegister(uint offset, uint value)
    {
        switch (offset)
        {
            case VirtioMmio.DeviceFeaturesSelect: _offeredSelect = value; break;
            case VirtioMmio.DriverFeaturesSelect: _acceptedSelect = value; break;
            case VirtioMmio.DriverFeatures: Accept(value); break;
            case VirtioMmio.QueueSelect: _queueSelect = value; break;
            case VirtioMmio.QueueNotify: Notify(value); break;

            case VirtioMmio.InterruptAcknowledge:
                _interrupts &= ~value;
                Update();
                break;

            case VirtioMmio.Status: WriteStatus(value); break;
            default: WriteQueue(offset, value); break;
        }
    }

    private Virtqueue Selected => _queueSelect < (uint)_queues.Length ? _queues[_queueSelect] : null;

    private void Accept(uint value)
    {
        // Agreed features stay as they are.
        if ((_status & VirtioMmio.FeaturesOk) != 0 || _acceptedSelect >= 2) return;
        int shift = (int)(32 * _acceptedSelect);
        _accepted = (_accepted & ~(0xFFFF_FFFFUL << shift)) | (ulong)value << shift;
    }

    private void WriteStatus(uint value)
    {
        if (value == 0)
        {
            Reset();
            return;
        }

        // "The driver MUST NOT clear a device status bit", and DEVICE_NEEDS_RESET is ours.
        uint added = value & ~_status & (VirtioMmio.Acknowledge | VirtioMmio.Driver | VirtioMmio.FeaturesOk | VirtioMmio.DriverOk | VirtioMmio.Failed);

        // The bit stays clear where we cannot agree; the driver reads it back to find out.
        bool agreed = (_accepted & ~Offered) == 0 && (_accepted & VirtioMmio.FeatureVersion1) != 0;
        if (!agreed) added &= ~VirtioMmio.FeaturesOk;

        // Nobody goes live without an agreement.
        if (((_status | added) & VirtioMmio.FeaturesOk) == 0) added &= ~VirtioMmio.DriverOk;

        _status |= added;
        if ((added & VirtioMmio.FeaturesOk) != 0)
            foreach (Virtqueue queue in _queues) queue.Use(_accepted);
        if ((added & VirtioMmio.DriverOk) != 0 && IsLive) OnDriverOk();
    }

    private void WriteQueue(uint offset, uint value)
    {
        Virtqueue queue = Selected;
        if (queue == null) return;
        if (offset == VirtioMmio.QueueReady)
        {
            if ((value & 1) == 0)
            {
                queue.Stop();
                OnStop((int)_queueSelect);
            }
            else if (!queue.Ready && !queue.TryStart()) Fail();
            return;
        }

        if (queue.Ready) return; // configured once
        switch (offset)
        {
            case VirtioMmio.QueueSize: queue.Size = value; break;
            case VirtioMmio.QueueDescriptorLow: queue.DescriptorTable = Low(queue.DescriptorTable, value); break;
            case VirtioMmio.QueueDescriptorHigh: queue.DescriptorTable = High(queue.DescriptorTable, value); break;
            case VirtioMmio.QueueDriverLow: queue.DriverArea = Low(queue.DriverArea, value); break;
            case VirtioMmio.QueueDriverHigh: queue.DriverArea = High(queue.DriverArea, value); break;
            case VirtioMmio.QueueDeviceLow: queue.DeviceArea = Low(queue.DeviceArea, value); break;
            case VirtioMmio.QueueDeviceHigh: queue.DeviceArea = High(queue.DeviceArea, value); break;
        }
    }

    private void Notify(uint index)
    {
        if (index >= (uint)_queues.Length || !IsLive || !_queues[index].Ready) return;
        OnNotify((int)index);
        if (_queues[index].Broken) Fail();
    }

    private void Raise(uint cause)
    {
        _interrupts |= cause;
        Update();
    }

    private void Update()
    {
        if (_page != null)
        {
            _page.Set(_slot, VirtioMmio.InterruptStatus, _interrupts);
            _page.Publish(_slot, VirtioMmio.InterruptStatus, sizeof(uint));
        }
        _line.Set(_interrupts != 0); // the guest finds the reason when it looks
    }

    // The registers that change while a driver works.
    private void Show()
    {
        if (_page == null) return;
        Show(VirtioMmio.DeviceFeatures);
        Show(VirtioMmio.QueueSizeMax);
        Show(VirtioMmio.QueueReady);
        Show(VirtioMmio.InterruptStatus);
        Show(VirtioMmio.Status);
        _page.Publish(_slot, VirtioMmio.DeviceFeatures, (int)(VirtioMmio.Status - VirtioMmio.DeviceFeatures) + sizeof(uint));
    }

    // The configuration comes before its generation: who reads in between sees the old one, and reads again when the interrupt comes.
    private void ShowAll()
    {
        if (_page == null) return;
        for (int register = (int)VirtioMmio.SlotSize - sizeof(uint); register >= 0; register -= sizeof(uint)) Show((uint)register);
        _page.Publish(_slot, 0, (int)VirtioMmio.SlotSize);
    }

    private void Show(uint register) => _page.Set(_slot, register, (uint)Read(register, sizeof(uint)));

    private static ulong Low(ulong address, uint value) => (address & ~0xFFFF_FFFFUL) | value;

    private static ulong High(ulong address, uint value) => (address & 0xFFFF_FFFFUL) | (ulong)value << 32;
}
