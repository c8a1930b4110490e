using System;
using Pocketvisor.Abi;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Network;

namespace Pocketvisor.Keeper.Devices;

/// <summary>
/// Every device that a profile sees, but for what the hypervisor emulates itself. One lock serialises them: a profile's vCPUs
/// leave their guest on several cores, and input comes from another.
/// </summary>
/// <remarks>Made once a slot and reset for each start; memory is never freed.</remarks>
public sealed class ProfileDevices : SwitchClient
{
    /// <summary>virtio-mmio slots of the virt machine.</summary>
    private const int VirtioSlots = 32;

    /// <summary>Slot of each device; its interrupt is VirtualHandset.VirtioSpi plus this.</summary>
    public const int ConsoleSlot = 0, EntropySlot = 1, NetworkSlot = 2, FirstDiskSlot = 3, UsedSlots = FirstDiskSlot + DiskCount;

    /// <summary>Disks at most.</summary>
    public const int DiskCount = 4;

    private readonly ProfileInterrupts _interrupts;
    private readonly Pl011 _pl011;
    private readonly Pl031 _pl031;
    private readonly Pl061 _pl061;
    private readonly VirtioConsole _virtioConsole;
    private readonly VirtioEntropy _entropy;
    private readonly VirtioNet _network; // null without a port
    private readonly VirtioBlock[] _disks;
    private readonly MmioBusMap _map = new(7 + DiskCount);
    private readonly RegisterPage _page;
    private SpinLock _lock;

    /// <param name="port">What the network device is plugged into; null if the handset has no network.</param>
    /// <param name="flash">What the disks are on; null if the handset has none.</param>
    /// <param name="page">Where the guest reads the registers of its virtio devices.</param>
    public ProfileDevices(
        ProfileConsole console, GuestMemory memory, Clock clock, RandomSource random, ProfileInterrupts interrupts, SwitchPort port, VirtioBlockDriver flash,
        RegisterPage page)
    {
        _interrupts = interrupts;
        _page = page;
        _pl011 = new Pl011(console, interrupts.Line(VirtualHandset.Pl011Spi));
        _pl031 = new Pl031(clock, interrupts.Line(VirtualHandset.Pl031Spi));
        _pl061 = new Pl061(interrupts.Line(VirtualHandset.Pl061Spi));
        _virtioConsole = new VirtioConsole(console, memory, interrupts.Line(VirtualHandset.VirtioSpi + ConsoleSlot), 80, 24);
        _entropy = new VirtioEntropy(random, memory, interrupts.Line(VirtualHandset.VirtioSpi + EntropySlot));
        if (port != null)
        {
            port.Client = this;
            _network = new VirtioNet(port, memory, interrupts.Line(VirtualHandset.VirtioSpi + NetworkSlot));
            Plug(NetworkSlot, _network);
        }

        _disks = new VirtioBlock[flash == null ? 0 : DiskCount];
        for (int i = 0; i < _disks.Length; i++)
        {
            _disks[i] = new VirtioBlock(flash, memory, interrupts.Line(VirtualHandset.VirtioSpi + FirstDiskSlot + i));
            Plug(FirstDiskSlot + i, _disks[i]);
        }

        Plug(ConsoleSlot, _virtioConsole);
        Plug(EntropySlot, _entropy);
        _map.Add(VirtualHandset.Pl011, PrimeCell.PageSize, _pl011);
        _map.Add(VirtualHandset.Pl061, PrimeCell.PageSize, _pl061);
        _map.Add(VirtualHandset.Pl031, PrimeCell.PageSize, _pl031);
        EmptySlots empty = new();
        if (port == null) Plug(NetworkSlot, empty, 1);
        if (flash == null) Plug(FirstDiskSlot, empty, DiskCount);
        Plug(UsedSlots, empty, VirtioSlots - UsedSlots);
    }

    /// <summary>Whether a disk has something to complete. Any core, without the lock.</summary>
    public bool HasCompletedDisks
    {
        get
        {
            bool any = false;
            foreach (VirtioBlock disk in _disks) any |= disk.HasCompleted;
            return any;
        }
    }

    /// <summary>The handset's flash may still access the guest's memory, which must not get another use. Not after <see cref="Reset"/>, but for a flash that nothing can stop.</summary>
    public bool AreDisksBusy
    {
        get
        {
            bool any = false;
            foreach (VirtioBlock disk in _disks) any |= disk.InFlight != 0;
            return any;
        }
    }

    /// <summary>A guest reads. Any core.</summary>
    /// <returns>False if no device answers at the address; the value is 0 then.</returns>
    public bool TryRead(ulong address, int size, out ulong value)
    {
        value = 0;
        MmioDevice device = _map.Find(address, out uint offset);
        if (device == null) return false;
        _lock.Enter();
        value = device.Read(offset, size);
        _lock.Exit();
        if (size < 8) value &= (1UL << (8 * size)) - 1;
        return true;
    }

    /// <inheritdoc cref="TryRead"/>
    public bool TryWrite(ulong address, int size, ulong value)
    {
        MmioDevice device = _map.Find(address, out uint offset);
        if (device == null) return false;
        if (size < 8) value &= (1UL << (8 * size)) - 1;
        _lock.Enter();
        device.Write(offset, size, value);
        _lock.Exit();
        if (device == _network) _network.Kick();
        return true;
    }

    /// <inheritdoc cref="VirtioNet.Configure"/>
    public bool ConfigureNetwork(MacAddress address)
    {
        if (_network == null) return false;
        _lock.Enter();
        bool done = _network.Configure(address);
        _lock.Exit();
        return done;
    }

    /// <inheritdoc cref="VirtioNet.Remove"/>
    public void RemoveNetwork()
    {
        if (_network == null) return;
        _lock.Enter();
        _network.Remove();
        _lock.Exit();
    }

    /// <inheritdoc cref="VirtioBlock.Configure"/>
    /// <param name="disk">From 0, below <see cref="DiskCount"/>.</param>
    public bool ConfigureDisk(int disk, Extent[] extents, int count, bool readOnly, ReadOnlySpan<byte> id)
    {
        if (disk >= _disks.Length) return false;
        _lock.Enter();
        bool done = _disks[disk].Configure(extents, count, readOnly, id);
        _lock.Exit();
        return done;
    }

    public override void ReceiveFrame(ReadOnlySpan<byte> frame)
    {
        _lock.Enter();
        _network.Receive(frame);
        _lock.Exit();
    }

    public override void FinishReceive()
    {
        _lock.Enter();
        _network.FinishReceive();
        _lock.Exit();
    }

    public override void ResumeTransmit()
    {
        _lock.Enter();
        _network.ResumeTransmit();
        _lock.Exit();
        _network.Kick();
    }

    /// <summary>Empties the disks' slots, while no guest runs.</summary>
    public void RemoveDisks()
    {
        _lock.Enter();
        foreach (VirtioBlock disk in _disks) disk.Remove();
        _lock.Exit();
    }

    /// <summary>Gives the guest what its disks have done; due after the flash driver's Reap where <see cref="HasCompletedDisks"/>. Any core.</summary>
    public void CompleteDisks()
    {
        _lock.Enter();
        foreach (VirtioBlock disk in _disks)
            if (disk.HasCompleted) disk.Complete();
        _lock.Exit();
    }

    /// <inheritdoc cref="VirtioBlock.TakeFailures"/>
    /// <param name="id">The disk's name.</param>
    public int TakeDiskFailures(int disk, out uint type, out ulong sector, out ReadOnlySpan<byte> id)
    {
        type = 0;
        sector = 0;
        id = default;
        if (disk >= _disks.Length) return 0;
        _lock.Enter();
        int failures = _disks[disk].TakeFailures(out type, out sector);
        id = _disks[disk].Id;
        _lock.Exit();
        return failures;
    }

    /// <summary>Somebody types: to virtio once its driver takes input, else to the UART. What does not fit is lost. Any core.</summary>
    public void Input(ReadOnlySpan<byte> bytes)
    {
        _lock.Enter();
        if (_virtioConsole.TakesInput) _virtioConsole.Receive(bytes);
        else _pl011.Receive(bytes);
        _lock.Exit();
    }

    /// <summary>The terminal at the console has this size. The UART knows of none. Any core.</summary>
    public void Resize(int columns, int rows)
    {
        _lock.Enter();
        _virtioConsole.Resize(columns, rows);
        _lock.Exit();
    }

    /// <summary>The power button, down or up again. Hold it for about 100 ms: guests look twice, to be sure. Any core.</summary>
    public void SetPowerButton(bool pressed)
    {
        _lock.Enter();
        _pl061.Drive(Pl061.PowerButton, pressed);
        _lock.Exit();
    }

    /// <summary>
    /// Lets the clock's alarm ring, serves who waits for random bytes, and tells of requests that failed with the whole flash, for which
    /// no interrupt comes; about once a second. Any core.
    /// </summary>
    public void Tick()
    {
        _lock.Enter();
        _pl031.Tick();
        _entropy.Tick();
        foreach (VirtioBlock disk in _disks)
            if (disk.HasCompleted) disk.Complete();
        _lock.Exit();
    }

    /// <summary>
    /// Power-on state for a new VM, whose interrupt lines are all low. Due as soon as the old VM's last vCPU has stopped, before any of
    /// its memory is taken back: until then input still goes into its rings.
    /// </summary>
    public void Reset()
    {
        _lock.Enter();
        _interrupts.Reset(); // first, so that no device says goodbye to the wrong VM
        _page.Reset();
        _map.Reset();
        _lock.Exit();
    }

    private void Plug(int slot, VirtioDevice device)
    {
        device.ShowOn(_page, slot);
        Plug(slot, device, 1);
    }

    private void Plug(int slot, MmioDevice device, int slots) =>
        _map.Add(VirtualHandset.VirtioMmio + (ulong)slot * VirtualHandset.VirtioMmioStep, (ulong)slots * VirtualHandset.VirtioMmioStep, device);
}
