using System;
using System.Threading;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;
using SpinLock = Pocketvisor.Keeper.Machine.SpinLock;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>
/// The handset's flash (virtio 1.2, "Block Device"), in two ways:
/// <list type="bullet">
/// <item>As a <see cref="BlockDevice"/> for the keeper's own use: through a buffer of the driver's, waiting. Core 0 only.</item>
/// <item>For guests' disks, from every core: requests that name physical memory, which the device reads and writes itself.
/// <see cref="TryReserve"/> a slot, describe the request, <see cref="Submit"/>, and after some of them <see cref="Kick"/>.
/// <see cref="Reap"/> finds out what is done; each <see cref="BlockClient"/> then collects its own.</item>
/// </list>
/// </summary>
/// <remarks>
/// <code>
///   a slot:  header descriptor │ data descriptors … │ status descriptor │ … │ header │ range │ status
/// </code>
/// <para>Slots are shared, but one is kept for each client that has no request under way, so none keeps another out, and the
/// last is the keeper's own.</para>
/// <para>A device that breaks a rule or stops answering is reset, which ends its accesses to memory, and is not used any more:
/// what was under way fails, and so does all that follows.</para>
/// <para>Caches: QEMU's devices are coherent, so nothing is done. A board whose device is not needs, by physical address: before
/// <see cref="Kick"/>, clean what the device reads (rings and slots, too) and clean and invalidate what it writes; in
/// <see cref="Reap"/>, invalidate what it wrote, before anybody is told.</para>
/// </remarks>
public sealed partial class VirtioBlockDriver : BlockDevice
{
    /// <summary>Pieces of memory in one request, at most.</summary>
    public const int SlotSegments = 126;

    /// <summary>Sectors in one request to discard or zero, at most: 8 MB, so that none takes long even where zeros must be written.</summary>
    public const uint MaxRangeSectors = 8 << 20 >> 9;

    private const int Slots = 128, OwnSlot = Slots - 1;
    private const int DescriptorBytes = 16;
    private const ushort FlagNext = 1, FlagWrite = 2;
    private const int HeaderAt = DescriptorBytes * (SlotSegments + 2), RangeAt = HeaderAt + VirtioBlockFormat.HeaderBytes;
    private const int StatusAt = RangeAt + VirtioBlockFormat.RangeBytes, SlotBytes = HeaderAt + 64;
    private const int BounceBytes = 64 << 10;
    private const byte Pending = 0xFF;

    /// <summary>Transfers that an interrupt waits for, at most. Each is an exit of core 0's guest.</summary>
    private const int MostTogether = 16;

    /// <summary>In nanoseconds: how long nothing at all may be done, and how long one request of the keeper's may take behind those of all guests.</summary>
    private const ulong Patience = 10_000_000_000, OwnPatience = 30_000_000_000;

    /// <summary>The same, in looks of <see cref="Watch"/>. A flush alone may take longer: all that was ever written waits for it.</summary>
    private const int MostSilentLooks = 10, MostSilentLooksOfFlush = 30;

    private const ulong Known = VirtioMmio.FeatureIndirect | VirtioMmio.FeatureEventIndex | VirtioBlockFormat.FeatureSegMax | VirtioBlockFormat.FeatureReadOnly |
        VirtioBlockFormat.FeatureFlush | VirtioBlockFormat.FeatureDiscard | VirtioBlockFormat.FeatureWriteZeroes;

    private readonly VirtioTransport _device;
    private readonly DriverQueue _queue;
    private readonly GuestMemory _memory;
    private readonly Clock _clock;
    private readonly Slot[] _slots = new Slot[Slots]; // a reserved one is its client's until it is submitted; else the lock's
    private readonly uint _maxDiscard, _maxZero;

    private SpinLock _lock; // for all below, and the queue; nothing else is taken inside
    private readonly int[] _free = new int[OwnSlot];
    private int _freeCount;
    private readonly BlockClient[] _clients = new BlockClient[OwnSlot];
    private int _clientCount;
    private int _idleClients; // with nothing under way
    private bool _anyStarved;
    private int _underWay;    // with the device
    private int _transfers;   // of those
    private int _answersSeen, _silentLooks; // by Watch
    private int _quiet;       // it was reaped, and nobody listens; read without the lock, too
    private int _broken;      // read without the lock, too
    private int _answers;     // grows with each request that is done; read without the lock, too
    private int _ownStatus;   // of the keeper's own request; read without the lock, too

    private VirtioBlockDriver(VirtioTransport device, DriverQueue queue, GuestMemory memory, Clock clock)
    {
        _device = device;
        _queue = queue;
        _memory = memory;
        _clock = clock;
        Sectors = device.ReadConfig32(VirtioBlockFormat.Capacity) | (ulong)device.ReadConfig32(VirtioBlockFormat.Capacity + 4) << 32;
        MaxSegments = Has(VirtioBlockFormat.FeatureSegMax) ? (int)Math.Min(SlotSegments, Math.Max(1, device.ReadConfig32(VirtioBlockFormat.SegMax))) : 1;
        if (Has(VirtioBlockFormat.FeatureDiscard)) _maxDiscard = Math.Min(MaxRangeSectors, device.ReadConfig32(VirtioBlockFormat.MaxDiscardSectors));
        if (Has(VirtioBlockFormat.FeatureWriteZeroes)) _maxZero = Math.Min(MaxRangeSectors, device.ReadConfig32(VirtioBlockFormat.MaxWriteZeroesSectors));

        for (int i = 0; i < Slots; i++)
        {
            WriteDescriptor(i, 0, queue.BufferAddress(i) + HeaderAt, VirtioBlockFormat.HeaderBytes, FlagNext);
            if (i != OwnSlot) _free[_freeCount++] = i;
        }
    }

    /// <summary>Bytes of memory that the driver shares with its device.</summary>
    public static int MemoryBytes => DriverQueue.BytesFor(Slots, SlotBytes) + BounceBytes;

    public override ulong Sectors { get; }

    /// <summary>Pieces of memory that the device takes in one request.</summary>
    public int MaxSegments { get; }

    public bool IsReadOnly => Has(VirtioBlockFormat.FeatureReadOnly);

    /// <summary>Whether what was written may be lost with the power until a flush.</summary>
    public bool CanFlush => Has(VirtioBlockFormat.FeatureFlush);

    public bool CanDiscard => _maxDiscard != 0;

    public bool CanZero => _maxZero != 0;

    /// <summary>The device broke a rule or stopped answering: everything fails.</summary>
    public bool IsBroken => Volatile.Read(ref _broken) != 0;

    /// <returns>The driver, or null if this is no such device or it refuses.</returns>
    /// <param name="memory">Starts at a multiple of 64; at least <see cref="MemoryBytes"/>.</param>
    public static VirtioBlockDriver Start(MmioBus bus, GuestMemory memory, Clock clock)
    {
        VirtioTransport device = new(bus);
        if (device.DeviceId != VirtioMmio.Block || !device.TryNegotiate(Known)) return null;
        if ((device.Features & VirtioMmio.FeatureIndirect) == 0)
        {
            device.GiveUp();
            return null;
        }

        DriverQueue queue = DriverQueue.OfTables(memory, memory.Address, Slots, SlotBytes, device.Features);
        if (!device.TryStartQueue(0, queue)) return null;
        VirtioBlockDriver driver = new(device, queue, memory, clock);
        queue.WantInterrupts(true);
        device.Start();
        return driver;
    }

    private bool Has(ulong feature) => (_device.Features & feature) != 0;

    // A turn of waiting.
    private bool TryGoOn(ulong until)
    {
        _clock.Waits();
        _lock.Enter();
        if (_broken == 0) Harvest();
        bool goesOn = _broken == 0 && _clock.Nanoseconds < until;
        if (!goesOn) Break(); // once more, if an earlier reset was not over in time
        _lock.Exit();
        return goesOn;
    }

    // With the lock, from here on.

    // Whether there was anything.
    private bool Harvest()
    {
        bool any = false;
        while (_queue.TryTake(out int slot, out _))
        {
            any = true;
            byte status = Volatile.Read(ref _queue.Buffer(slot)[StatusAt]);
            End(slot, status <= VirtioBlockFormat.Unsupported ? status : VirtioBlockFormat.IoError);
        }

        if (_queue.Broken) Break();
        if (_anyStarved && _freeCount > 0) WakeStarved();
        return any;
    }

    private void End(int slot, byte status)
    {
        ref Slot s = ref _slots[slot];
        s.Sent = false;
        if (s.Transfers) _transfers--;
        _underWay--;
        Volatile.Write(ref _answers, _answers + 1);
        if (slot == OwnSlot)
        {
            Volatile.Write(ref _ownStatus, status);
            return;
        }

        s.Client.End(s.Tag, status);
        if (s.Client.InFlight == 0) _idleClients++;
        _free[_freeCount++] = slot;
    }

    private void WakeStarved()
    {
        _anyStarved = false;
        for (int i = 0; i < _clientCount; i++) _clients[i].WakeIfStarved();
    }

    private void Break()
    {
        Volatile.Write(ref _broken, 1);
        if (!_device.TryReset()) return; // it may go on with what it has
        for (int i = 0; i < Slots; i++)
            if (_slots[i].Sent) End(i, VirtioBlockFormat.IoError);
        if (_anyStarved) WakeStarved();
    }

    private void WriteDescriptor(int slot, int index, ulong address, int bytes, ushort flags)
    {
        Span<byte> table = _queue.Buffer(slot);
        Shared.WriteU64(table, DescriptorBytes * index, address);
        Shared.WriteU64(table, DescriptorBytes * index + 8, (uint)bytes | (ulong)flags << 32 | (ulong)(index + 1) << 48);
    }

    private struct Slot
    {
        public BlockClient Client;
        public int Tag;
        public int Segments;
        public bool Sent;
        public bool Transfers;
    }
}
