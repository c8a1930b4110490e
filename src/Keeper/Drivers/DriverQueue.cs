using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>
/// The driver's side of a split virtqueue (virtio 1.2, "Split Virtqueues") whose descriptor i always describes buffer i of fixed
/// size: no lists of free descriptors, no chains.
/// <code>
///   memory:  descriptors 16·n │ driver area 6+2·n │ pad │ device area 6+8·n │ pad │ buffer 0 │ … │ buffer n-1
/// </code>
/// The memory is ordinary cacheable memory: QEMU's devices are coherent. A board whose devices are not needs cache maintenance
/// around <see cref="Offer"/> and <see cref="TryTake"/>.
/// </summary>
/// <remarks>A buffer can be an indirect table instead; its length then says how many descriptors there are, and what they say is up to the caller.</remarks>
public sealed class DriverQueue
{
    private const ushort FlagWrite = 2, FlagIndirect = 4; // of a descriptor
    private const ushort NoNotify = 1;    // of the device area
    private const ushort NoInterrupt = 1; // of the driver area

    private readonly GuestMemory _memory;
    private readonly ulong _buffers;
    private readonly bool[] _offered;
    private readonly bool _events;
    private ushort _nextAvailable;
    private ushort _publishedAvailable; // the last index that the device was told
    private ushort _nextUsed;

    /// <param name="memory">The keeper's own; what the device sees at the same address.</param>
    /// <param name="at">A multiple of 64, with <see cref="BytesFor"/> bytes behind it.</param>
    /// <param name="size">Buffers; a power of two.</param>
    /// <param name="deviceWrites">Whether the device fills the buffers, or we do.</param>
    public DriverQueue(GuestMemory memory, ulong at, int size, int bufferBytes, bool deviceWrites)
        : this(memory, at, size, bufferBytes, deviceWrites ? FlagWrite : (ushort)0, 0)
    {
    }

    private DriverQueue(GuestMemory memory, ulong at, int size, int bufferBytes, ushort flags, ulong features)
    {
        _memory = memory;
        _events = (features & VirtioMmio.FeatureEventIndex) != 0;
        Size = size;
        BufferBytes = bufferBytes;
        DescriptorTable = at;
        DriverArea = DescriptorTable + 16 * (ulong)size;
        DeviceArea = Align(DriverArea + 6 + 2 * (ulong)size);
        _buffers = Align(DeviceArea + 6 + 8 * (ulong)size);
        _offered = new bool[size];

        memory.Slice(at, (int)(_buffers - at)).Clear();
        Span<byte> table = memory.Slice(DescriptorTable, 16 * size);
        for (int i = 0; i < size; i++)
        {
            Shared.WriteU64(table, 16 * i, _buffers + (ulong)(i * bufferBytes));
            Shared.WriteU16(table, 16 * i + 12, flags);
        }
    }

    /// <summary>A queue whose buffers are indirect tables.</summary>
    /// <param name="features">That both sides have agreed on, <see cref="VirtioMmio.FeatureIndirect"/> among them.</param>
    /// <inheritdoc cref="DriverQueue(GuestMemory, ulong, int, int, bool)"/>
    public static DriverQueue OfTables(GuestMemory memory, ulong at, int size, int bufferBytes, ulong features) =>
        new(memory, at, size, bufferBytes, FlagIndirect, features);

    public int Size { get; }

    public int BufferBytes { get; }

    public ulong DescriptorTable { get; }

    public ulong DriverArea { get; }

    public ulong DeviceArea { get; }

    /// <summary>The device broke a rule; it is not used any more.</summary>
    public bool Broken { get; private set; }

    /// <summary>Bytes of memory for a queue and its buffers, a multiple of 64.</summary>
    public static int BytesFor(int size, int bufferBytes) =>
        (int)Align(Align(Align(6 + 18 * (ulong)size) + 6 + 8 * (ulong)size) + (ulong)(size * bufferBytes));

    /// <summary>Where the device sees a buffer.</summary>
    public ulong BufferAddress(int index) => _buffers + (ulong)(index * BufferBytes);

    /// <summary>The contents of a buffer that is not offered.</summary>
    public Span<byte> Buffer(int index) => _memory.Slice(BufferAddress(index), BufferBytes);

    /// <summary>Gives a buffer to the device.</summary>
    /// <returns>Whether the device wants to be notified.</returns>
    public bool Offer(int index, int length)
    {
        Add(index, length);
        return Publish();
    }

    /// <summary>Puts a buffer into the ring. The device learns of it with <see cref="Publish"/>.</summary>
    public void Add(int index, int length)
    {
        Span<byte> table = _memory.Slice(DescriptorTable, 16 * Size);
        Shared.WriteU32(table, 16 * index + 8, (uint)length);
        _offered[index] = true;
        Shared.WriteU16(_memory.Slice(DriverArea, 4 + 2 * Size), 4 + 2 * (_nextAvailable++ & (Size - 1)), (ushort)index);
    }

    /// <summary>Tells the device of everything that was added.</summary>
    /// <returns>Whether it wants to be notified.</returns>
    public bool Publish()
    {
        ushort before = _publishedAvailable;
        if (_nextAvailable == before) return false;
        _publishedAvailable = _nextAvailable;
        Shared.WriteU16(_memory.Slice(DriverArea, 4), 2, _nextAvailable); // releases all that was added

        // The device writes its wish, then looks at the index; we write the index, then look at its wish.
        Shared.Barrier();
        Span<byte> area = _memory.Slice(DeviceArea, 6 + 8 * Size);
        if (!_events) return (Shared.ReadU16(area, 0) & NoNotify) == 0;
        ushort wanted = Shared.ReadU16(area, 4 + 8 * Size);
        return (ushort)(_nextAvailable - wanted - 1) < (ushort)(_nextAvailable - before); // did we just pass it?
    }

    /// <summary>
    /// Whether the device interrupts when it is done with a buffer. After asking for it, look once more: it may have been done before.
    /// With event indices each wish is for one interrupt only.
    /// </summary>
    /// <param name="skip">With event indices: how many buffers may be done before one that interrupts.</param>
    public void WantInterrupts(bool wanted, int skip = 0)
    {
        if (_events) Shared.WriteU16(_memory.Slice(DriverArea, 6 + 2 * Size), 4 + 2 * Size, (ushort)(wanted ? _nextUsed + skip : _nextUsed - 1));
        else Shared.WriteU16(_memory.Slice(DriverArea, 4), 0, wanted ? (ushort)0 : NoInterrupt);
        Shared.Barrier();
    }

    /// <summary>Takes back a buffer that the device is done with.</summary>
    /// <param name="written">Bytes that the device says it wrote; at most the buffer's size.</param>
    public bool TryTake(out int index, out int written)
    {
        index = written = 0;
        if (Broken) return false;
        Span<byte> area = _memory.Slice(DeviceArea, 4 + 8 * Size);
        if (Shared.ReadU16(area, 2) == _nextUsed) return false;

        int slot = 4 + 8 * (_nextUsed & (Size - 1));
        uint id = Shared.ReadU32(area, slot);
        uint length = Shared.ReadU32(area, slot + 4);
        if (id >= (uint)Size || !_offered[id])
        {
            Broken = true;
            return false;
        }

        _nextUsed++;
        _offered[id] = false;
        index = (int)id;
        written = (int)Math.Min(length, (uint)BufferBytes);
        return true;
    }

    private static ulong Align(ulong address) => (address + 63) & ~63UL;
}
