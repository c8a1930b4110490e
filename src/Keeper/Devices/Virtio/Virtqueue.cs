using System;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>
/// The device's side of a split virtqueue (virtio 1.2, "Split Virtqueues"):
/// <code>
///   descriptor table   16 bytes each: u64 address | u32 length | u16 flags | u16 next
///   driver area        u16 flags | u16 index | u16 head[size] | u16 used event             the guest offers chains
///   device area        u16 flags | u16 index | { u32 head, u32 written }[size] | u16 available event   we give them back
/// </code>
/// All of it is hostile memory that may change while we look. A chain is copied once into an array of our own, and checked
/// there: every descriptor inside the table, at most as many as the table has, every buffer inside the guest's memory, all that
/// we read before all that we write. What breaks a rule breaks the queue until the guest resets the device. Our own
/// indices are never read back.
/// </summary>
/// <remarks>
/// Devices that offer <see cref="VirtioMmio.FeatureIndirect"/> or <see cref="VirtioMmio.FeatureEventIndex"/> get both from here. With
/// the latter, whoever takes chains goes on until <see cref="TryTake"/> says that there are none: only then is the guest asked to
/// notify again.
/// </remarks>
public sealed class Virtqueue
{
    private const int DescriptorBytes = 16;
    private const ushort FlagNext = 1, FlagWrite = 2, FlagIndirect = 4;
    private const ushort NoInterrupt = 1;

    private readonly GuestMemory _memory;
    private readonly ChainBuffer[] _chain;
    private ushort _nextAvailable;
    private ushort _nextUsed;
    private ushort _publishedUsed; // the last index that the guest was told
    private bool _indirect, _events;

    /// <param name="maxSize">Entries at most; a power of two.</param>
    public Virtqueue(GuestMemory memory, int maxSize)
    {
        _memory = memory;
        MaxSize = maxSize;
        _chain = new ChainBuffer[maxSize];
    }

    public int MaxSize { get; }

    /// <summary>What the guest configures, before it says that the queue is ready.</summary>
    public uint Size { get; set; }

    /// <inheritdoc cref="Size"/>
    public ulong DescriptorTable { get; set; }

    /// <inheritdoc cref="Size"/>
    public ulong DriverArea { get; set; }

    /// <inheritdoc cref="Size"/>
    public ulong DeviceArea { get; set; }

    public bool Ready { get; private set; }

    /// <summary>The guest broke a rule.</summary>
    public bool Broken { get; private set; }

    /// <summary>Names the chain that was taken, until it is returned.</summary>
    public ushort Head { get; private set; }

    /// <summary>Buffers of the chain that was taken.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the chain gives us to read.</summary>
    public ulong ReadableBytes { get; private set; }

    /// <summary>Bytes that the chain lets us write.</summary>
    public ulong WritableBytes { get; private set; }

    /// <summary>Whether the guest offers a chain now.</summary>
    public bool HasWaiting => Ready && !Broken && Available != _nextAvailable;

    private ushort Available
    {
        get
        {
            // Empty while the guest's memory is taken away: it offers nothing more.
            Span<byte> area = _memory.Slice(DriverArea, 4);
            return area.IsEmpty ? _nextAvailable : Shared.ReadU16(area, 2);
        }
    }

    public void Reset()
    {
        Ready = Broken = _indirect = _events = false;
        Size = (uint)MaxSize;
        DescriptorTable = DriverArea = DeviceArea = 0;
        Count = 0;
        _nextAvailable = _nextUsed = _publishedUsed = 0;
    }

    /// <summary>Features that both sides have agreed on.</summary>
    public void Use(ulong features)
    {
        _indirect = (features & VirtioMmio.FeatureIndirect) != 0;
        _events = (features & VirtioMmio.FeatureEventIndex) != 0;
    }

    /// <summary>The guest says that it has configured the queue.</summary>
    /// <returns>Whether the configuration is possible.</returns>
    public bool TryStart()
    {
        if (Size == 0 || Size > MaxSize || (Size & (Size - 1)) != 0) return false;

        // Alignment, "Split Virtqueues"; without it our aligned loads would fault.
        if (((DescriptorTable & 15) | (DriverArea & 1) | (DeviceArea & 3)) != 0) return false;
        if (!_memory.Contains(DescriptorTable, DescriptorBytes * Size)) return false;
        if (!_memory.Contains(DriverArea, 6 + 2 * Size)) return false;
        if (!_memory.Contains(DeviceArea, 6 + 8 * Size)) return false;
        _nextAvailable = _nextUsed = _publishedUsed = 0;
        Ready = true;
        return true;
    }

    public void Stop() => Ready = false;

    /// <summary>
    /// Copies and checks the next chain. It is given back by <see cref="Return(uint)"/> or <see cref="PutBack"/> before the next is
    /// taken, or any time later by its head.
    /// </summary>
    /// <param name="ask">Whether the guest shall notify when there is one; not if the caller will look again without being told.</param>
    /// <returns>False if there is none, or the queue is broken.</returns>
    public bool TryTake(bool ask = true)
    {
        if (!Ready || Broken) return false;
        ushort available = Available;
        if (available == _nextAvailable && (!_events || !ask || (available = AskForNotification()) == _nextAvailable)) return false;

        // Of one table there are never more chains than it has entries: those that wait, and those that were not given back.
        int waiting = (ushort)(available - _nextAvailable), taken = (ushort)(_nextAvailable - _publishedUsed);
        if (waiting + taken > Size) return Break();

        int slot = (int)(_nextAvailable & (Size - 1));
        Head = Shared.ReadU16(_memory.Slice(DriverArea, 4 + 2 * (int)Size), 4 + 2 * slot);
        if (!CopyChain()) return Break();
        _nextAvailable++;
        return true;
    }

    /// <summary>A buffer of the chain that was taken.</summary>
    public ref readonly ChainBuffer this[int index] => ref _chain[index];

    /// <summary>A buffer of the chain. Its contents may change while they are copied, too.</summary>
    public Span<byte> At(int index, out bool writable)
    {
        ref ChainBuffer buffer = ref _chain[index];
        writable = buffer.Writable;
        return _memory.Slice(buffer.Address, buffer.Length); // was checked; empty if its length is 0
    }

    /// <summary>Gives the chain back.</summary>
    /// <param name="written">Bytes written to its writable buffers, from the first on.</param>
    /// <returns>Whether the guest wants an interrupt for it.</returns>
    public bool Return(uint written)
    {
        Return(Head, written);
        return Publish();
    }

    /// <summary>Puts a chain that was taken before into the ring. The guest learns of it with <see cref="Publish"/>.</summary>
    /// <inheritdoc cref="Return(uint)"/>
    public void Return(ushort head, uint written)
    {
        Span<byte> area = _memory.Slice(DeviceArea, 4 + 8 * (int)Size);
        int slot = 4 + 8 * (int)(_nextUsed++ & (Size - 1));
        Shared.WriteU32(area, slot, head);
        Shared.WriteU32(area, slot + 4, written);
    }

    /// <summary>Tells the guest of everything that was returned.</summary>
    /// <returns>Whether it wants an interrupt.</returns>
    public bool Publish()
    {
        ushort before = _publishedUsed;
        _publishedUsed = _nextUsed;
        Shared.WriteU16(_memory.Slice(DeviceArea, 4), 2, _nextUsed); // releases the entries

        // The guest writes its wish, then looks at the index; we write the index, then look at its wish.
        Shared.Barrier();
        Span<byte> area = _memory.Slice(DriverArea, 6 + 2 * (int)Size);
        if (!_events) return (Shared.ReadU16(area, 0) & NoInterrupt) == 0;
        ushort wanted = Shared.ReadU16(area, 4 + 2 * (int)Size);
        return (ushort)(_nextUsed - wanted - 1) < (ushort)(_nextUsed - before); // did we just pass it?
    }

    /// <summary>Leaves the chain in the queue: the next <see cref="TryTake"/> copies and checks it anew.</summary>
    public void PutBack() => _nextAvailable--;

    // The index moves on, then the guest looks at our wish; we write the wish, then look at the index once more.
    private ushort AskForNotification()
    {
        Span<byte> area = _memory.Slice(DeviceArea, 6 + 8 * (int)Size);
        if (area.IsEmpty) return _nextAvailable;
        Shared.WriteU16(area, 4 + 8 * (int)Size, _nextAvailable);
        Shared.Barrier();
        return Available;
    }

    private bool CopyChain()
    {
        Span<byte> table = _memory.Slice(DescriptorTable, DescriptorBytes * (int)Size);
        uint entries = Size, index = Head;
        bool writing = false, inside = false;
        ulong readable = 0, writable = 0;

        // No chain is longer than a table may be, so this also ends loops.
        for (int count = 0; count < _chain.Length;)
        {
            if (index >= entries) return false;
            int at = DescriptorBytes * (int)index;
            ulong address = Shared.ReadU64(table, at), rest = Shared.ReadU64(table, at + 8);
            uint length = (uint)rest;
            ushort flags = (ushort)(rest >> 32), next = (ushort)(rest >> 48);

            if ((flags & FlagIndirect) != 0)
            {
                // "A single descriptor", the last of its table and in no indirect one; its write flag means nothing.
                if (!_indirect || inside || (flags & FlagNext) != 0) return false;
                inside = true;
                entries = length / DescriptorBytes;
                if (length % DescriptorBytes != 0 || entries > (uint)_chain.Length || (address & 7) != 0) return false;
                table = _memory.Slice(address, (int)length);
                if (table.IsEmpty) return false;
                index = 0;
                continue;
            }

            if (length > int.MaxValue || !_memory.Contains(address, length)) return false;
            bool writes = (flags & FlagWrite) != 0;
            if (writing && !writes) return false;
            writing = writes;

            ref ChainBuffer buffer = ref _chain[count++];
            buffer.Address = address;
            buffer.Length = (int)length;
            buffer.Writable = writes;
            if (writes) writable += length;
            else readable += length;

            if ((flags & FlagNext) == 0)
            {
                Count = count;
                ReadableBytes = readable;
                WritableBytes = writable;
                return true;
            }

            index = next;
        }

        return false;
    }

    private bool Break()
    {
        Broken = true;
        return false;
    }
}
