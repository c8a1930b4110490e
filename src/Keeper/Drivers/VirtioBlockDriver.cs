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
public sealed class VirtioBlockDriver : BlockDevice
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

    public override bool TryRead(ulong sector, Span<byte> data)
    {
        if (!IsOnDevice(sector, data.Length)) return false;
        while (!data.IsEmpty)
        {
            int n = Math.Min(data.Length, BounceBytes);
            if (!TryTransfer(VirtioBlockFormat.In, sector, BounceAddress, n)) return false;
            _memory.Slice(BounceAddress, n).CopyTo(data);
            data = data.Slice(n);
            sector += (ulong)(n / SectorBytes);
        }

        return true;
    }

    /// <summary>Reads straight into memory of any kind, without the driver's buffer.</summary>
    /// <param name="address">As the device sees it. The memory stays what it is until this returns.</param>
    /// <param name="bytes">A multiple of <see cref="BlockDevice.SectorBytes"/>.</param>
    /// <inheritdoc cref="BlockDevice.TryRead"/>
    public bool TryRead(ulong sector, ulong address, int bytes) => IsOnDevice(sector, bytes) && TryTransfer(VirtioBlockFormat.In, sector, address, bytes);

    public override bool TryWrite(ulong sector, ReadOnlySpan<byte> data)
    {
        if (IsReadOnly || !IsOnDevice(sector, data.Length)) return false;
        while (!data.IsEmpty)
        {
            int n = Math.Min(data.Length, BounceBytes);
            data.Slice(0, n).CopyTo(_memory.Slice(BounceAddress, n));
            if (!TryTransfer(VirtioBlockFormat.Out, sector, BounceAddress, n)) return false;
            data = data.Slice(n);
            sector += (ulong)(n / SectorBytes);
        }

        return true;
    }

    public override bool TryZero(ulong sector, ulong count)
    {
        if (IsReadOnly || !IsOnDevice(sector, count)) return false;
        if (!CanZero) _memory.Slice(BounceAddress, BounceBytes).Clear();
        while (count != 0)
        {
            uint n = (uint)Math.Min(count, CanZero ? _maxZero : BounceBytes / SectorBytes);
            if (CanZero)
            {
                _slots[OwnSlot].Segments = 0;
                SetRange(OwnSlot, sector, n, VirtioBlockFormat.FlagUnmap);
                if (!TryWait(VirtioBlockFormat.WriteZeroes, 0)) return false;
            }
            else if (!TryTransfer(VirtioBlockFormat.Out, sector, BounceAddress, (int)n * SectorBytes)) return false;

            sector += n;
            count -= n;
        }

        return true;
    }

    public override bool TryFlush()
    {
        if (!CanFlush) return !IsBroken; // nothing is cached
        _slots[OwnSlot].Segments = 0;
        return TryWait(VirtioBlockFormat.Flush, 0);
    }

    /// <summary>A new client. Any core.</summary>
    /// <returns>False if there are too many.</returns>
    public bool TryOpen(BlockClient client)
    {
        _lock.Enter();
        bool room = _clientCount < _clients.Length;
        if (room)
        {
            client.Forget();
            _clients[_clientCount++] = client;
            _idleClients++;
        }

        _lock.Exit();
        return room;
    }

    /// <summary>The client, which has nothing under way, makes no more requests.</summary>
    public void Close(BlockClient client)
    {
        _lock.Enter();
        for (int i = 0; i < _clientCount; i++)
        {
            if (_clients[i] != client) continue;
            _clients[i] = _clients[--_clientCount];
            _clients[_clientCount] = null;
            _idleClients--;
            break;
        }

        _lock.Exit();
    }

    /// <summary>A slot for one request, which counts as under way from now on. The client must <see cref="Submit"/> it.</summary>
    /// <returns>-1 if there is none for this client now; it has news when to ask again.</returns>
    public int TryReserve(BlockClient client)
    {
        _lock.Enter();
        int slot = -1;
        if (!client.HasRoom)
        {
            // What it has under way, or has not collected, is news.
        }
        else if (_freeCount > (client.InFlight == 0 ? 0 : _idleClients))
        {
            slot = _free[--_freeCount];
            _slots[slot].Client = client;
            _slots[slot].Segments = 0;
            if (client.InFlight == 0) _idleClients--;
            client.Begin();
        }
        else
        {
            client.Starve();
            _anyStarved = true;
        }

        _lock.Exit();
        return slot;
    }

    /// <summary>Adds a piece of memory to a reserved slot's request; all that the device reads comes before all that it writes.</summary>
    /// <param name="address">As the device sees it.</param>
    public void AddSegment(int slot, ulong address, int bytes, bool deviceWrites)
    {
        int index = ++_slots[slot].Segments; // the header is the first descriptor
        WriteDescriptor(slot, index, address, bytes, deviceWrites ? (ushort)(FlagNext | FlagWrite) : FlagNext);
    }

    /// <summary>Which sectors a reserved slot's request discards or zeroes.</summary>
    public void SetRange(int slot, ulong sector, uint count, uint flags)
    {
        Span<byte> memory = _queue.Buffer(slot);
        Shared.WriteU64(memory, RangeAt, sector);
        Shared.WriteU32(memory, RangeAt + 8, count);
        Shared.WriteU32(memory, RangeAt + 12, flags);
        AddSegment(slot, _queue.BufferAddress(slot) + RangeAt, VirtioBlockFormat.RangeBytes, deviceWrites: false);
    }

    /// <summary>Sectors that one request of this type, to discard or zero, may have.</summary>
    public uint MaxRange(uint type) => type == VirtioBlockFormat.Discard ? _maxDiscard : _maxZero;

    /// <summary>Puts a request into the queue; the device looks after the next <see cref="Kick"/>.</summary>
    /// <param name="tag">What the client calls it, below 65536.</param>
    public void Submit(int slot, uint type, ulong sector, int tag)
    {
        Span<byte> memory = _queue.Buffer(slot);
        ref Slot s = ref _slots[slot];
        Shared.WriteU32(memory, HeaderAt, type);
        Shared.WriteU64(memory, HeaderAt + 8, sector);
        memory[StatusAt] = Pending;
        WriteDescriptor(slot, s.Segments + 1, _queue.BufferAddress(slot) + StatusAt, 1, FlagWrite);

        _lock.Enter();
        s.Tag = tag;
        s.Sent = true;
        s.Transfers = type is VirtioBlockFormat.In or VirtioBlockFormat.Out;
        if (s.Transfers) _transfers++;
        _underWay++;
        if (_broken == 0) _queue.Add(slot, DescriptorBytes * (s.Segments + 2));
        else End(slot, VirtioBlockFormat.IoError);
        _lock.Exit();
    }

    /// <summary>Tells the device of what was submitted.</summary>
    public void Kick()
    {
        _lock.Enter();
        bool notify = _broken == 0 && _queue.Publish();
        _lock.Exit();
        if (notify) _device.Notify(0);
    }

    /// <summary>
    /// Finds out what is done and lowers the interrupt. From now on the device is quiet: the caller looks again soon, or calls
    /// <see cref="Listen"/>. It is also up to the caller that all who have news collect them. Any core.
    /// </summary>
    /// <returns>Whether there was anything.</returns>
    public bool Reap()
    {
        _device.AcknowledgeInterrupt();
        _lock.Enter();
        bool any = false;
        if (_broken == 0)
        {
            any = Harvest();
            _queue.WantInterrupts(false);
            Volatile.Write(ref _quiet, 1);
        }

        _lock.Exit();
        return any;
    }

    /// <summary>
    /// Asks for an interrupt when half of the transfers under way are done, and finds out what was done before. Flushes take long, so
    /// nothing waits for those.
    /// </summary>
    /// <inheritdoc cref="Reap"/>
    public bool Listen()
    {
        if (Volatile.Read(ref _quiet) == 0) return false;
        _lock.Enter();
        bool any = false;
        if (_broken == 0 && _quiet != 0)
        {
            Volatile.Write(ref _quiet, 0);
            bool more = Harvest();
            do
            {
                any |= more;
                _queue.WantInterrupts(true, Math.Min((Math.Max(_transfers, 1) - 1) / 2, MostTogether));
                more = Harvest(); // what was done before we asked did not interrupt, and may have gone past what we asked for
            }
            while (more);
        }

        _lock.Exit();
        return any;
    }

    /// <summary>
    /// Looks whether the device still answers, about once a second: else nobody would notice while only guests wait for it. Looks are counted and not the time, for the
    /// whole handset may have been stopped meanwhile.
    /// </summary>
    public void Watch()
    {
        _lock.Enter();
        if (_broken == 0) Harvest();
        if (_broken != 0 || _underWay == 0 || _answers != _answersSeen) _silentLooks = 0;
        else if (++_silentLooks >= (_transfers != 0 ? MostSilentLooks : MostSilentLooksOfFlush)) Break();
        _answersSeen = _answers;
        _lock.Exit();
    }

    /// <summary>Takes what is done of a client's requests.</summary>
    /// <param name="done">Room for <see cref="BlockClient.MaxRequests"/>: tag, and the status from bit 16 on.</param>
    /// <returns>How many.</returns>
    public int Collect(BlockClient client, Span<int> done)
    {
        _lock.Enter();
        int count = client.Collect(done);
        _lock.Exit();
        return count;
    }

    /// <summary>Waits until nothing of a client is under way, and forgets what became of it. A device that stops answering is reset. Any core.</summary>
    /// <returns>False if not even that ends its accesses: the memory in question must not get another use.</returns>
    public bool TryDrain(BlockClient client)
    {
        Kick();
        ulong until = _clock.Nanoseconds + Patience;
        for (int answers = Volatile.Read(ref _answers); client.InFlight != 0 && TryGoOn(until);)
        {
            int now = Volatile.Read(ref _answers);
            if (now == answers) continue;
            answers = now;
            until = _clock.Nanoseconds + Patience;
        }

        _lock.Enter();
        bool drained = client.InFlight == 0;
        if (drained) client.Forget();
        _lock.Exit();
        return drained;
    }

    private ulong BounceAddress => _memory.Address + (ulong)DriverQueue.BytesFor(Slots, SlotBytes);

    private bool Has(ulong feature) => (_device.Features & feature) != 0;

    private bool IsOnDevice(ulong sector, int bytes) => bytes % SectorBytes == 0 && bytes >= 0 && IsOnDevice(sector, (ulong)(bytes / SectorBytes));

    private bool IsOnDevice(ulong sector, ulong count) => sector <= Sectors && count <= Sectors - sector;

    private bool TryTransfer(uint type, ulong sector, ulong address, int bytes)
    {
        if (bytes == 0) return true;
        _slots[OwnSlot].Segments = 0;
        AddSegment(OwnSlot, address, bytes, deviceWrites: type == VirtioBlockFormat.In);
        return TryWait(type, sector);
    }

    // The keeper's own request. Others' are found on the way; who listens still gets the interrupt for them, and who does not looks soon.
    private bool TryWait(uint type, ulong sector)
    {
        if (IsBroken) return false;
        Volatile.Write(ref _ownStatus, Pending);
        Submit(OwnSlot, type, sector, 0);
        Kick();
        ulong now = _clock.Nanoseconds, until = now + OwnPatience, silentUntil = now + Patience;
        for (int answers = Volatile.Read(ref _answers); Volatile.Read(ref _ownStatus) == Pending && TryGoOn(Math.Min(until, type == VirtioBlockFormat.Flush ? until : silentUntil));)
        {
            int more = Volatile.Read(ref _answers);
            if (more == answers) continue;
            answers = more;
            silentUntil = _clock.Nanoseconds + Patience;
        }

        return Volatile.Read(ref _ownStatus) == VirtioBlockFormat.Ok;
    }

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
