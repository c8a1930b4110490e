using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>
/// One disk of a guest (virtio 1.2, "Block Device"): a file on the handset's flash. The handset's device moves the data between flash
/// and the guest's memory; the keeper only translates addresses and sectors.
/// <code>
///   guest's chain:        header │ data … │ status
///   checked, cut up:      ├─ part ─┼─ part ─┤        at the ends of the file's extents, and at a size that leaves others their turn
///   flash driver's slots:     #17      #4            in any order, next to those of other disks
/// </code>
/// </summary>
/// <remarks>
/// <para>A chain is copied and checked once. The driver may be full in the middle of it; then it stays the current one, and
/// <see cref="Complete"/> goes on with it.</para>
/// <para>A reset, or taking the queue away, first waits until no part is under way, so that afterwards nobody touches rings or memory that
/// the guest, or the keeper, may use for something else. That takes milliseconds; of a handset's device that does not answer, the time
/// that the driver gives it. If the device cannot even be reset, this one needs a reset from then on, and <see cref="InFlight"/> stays.</para>
/// </remarks>
public sealed class VirtioBlock : VirtioDevice
{
    private const int QueueSize = 128;

    /// <summary>Requests under way at a time.</summary>
    private const int MaxRequests = BlockClient.MaxRequests;

    /// <summary>
    /// With so many transfers under way the guest need not notify: one of them is done in a moment, and then we look. Each notification
    /// is an exit, and on fast flash dearer than the transfer.
    /// </summary>
    private const int QuietTransfers = 2;

    /// <summary>Of a part: what is under way for all guests together must not take long.</summary>
    private const uint PartSectors = 512 << 10 >> 9;

    private readonly VirtioBlockDriver _flash;
    private readonly GuestMemory _memory;
    private readonly BlockClient _client = new();
    private readonly DiskExtents _extents = new();
    private readonly byte[] _config = new byte[VirtioBlockFormat.ConfigBytes], _id = new byte[VirtioBlockFormat.IdBytes];
    private readonly byte[] _copy = new byte[VirtioBlockFormat.HeaderBytes + VirtioBlockFormat.RangeBytes]; // of a header, and of a range
    private readonly int[] _done = new int[BlockClient.MaxRequests];
    private int _idLength;
    private bool _readOnly;

    private readonly Request[] _requests = new Request[MaxRequests];
    private readonly int[] _free = new int[MaxRequests];
    private int _freeCount;
    private int _transfers; // of the requests under way
    private int _failures;  // of parts, at the flash, that nobody has been told of
    private uint _failedType;
    private ulong _failedSector;
    private bool _returned; // something that the guest was not told of

    // The current request, whose chain is the one that the queue has last copied, and what is left to submit of it.
    private int _current = -1;
    private uint _type;
    private ulong _sector, _left;
    private uint _flags;      // of a range
    private bool _thenFlush;  // once the data is there
    private int _buffer, _at; // where in the chain its data goes on

    /// <param name="flash">What all disks are on.</param>
    public VirtioBlock(VirtioBlockDriver flash, GuestMemory memory, InterruptLine line)
        : base(VirtioMmio.Block, 0, 1, QueueSize, memory, line)
    {
        _flash = flash;
        _memory = memory;
        IsPresent = false;
        ForgetRequests();
    }

    /// <summary>Requests are done, or there is room for waiting ones: <see cref="Complete"/> is due. Any core, without a lock.</summary>
    public bool HasCompleted => _client.HasNews;

    /// <summary>Parts under way: while there are any, the handset's device may access the guest's memory. Any core, without a lock.</summary>
    public int InFlight => _client.InFlight;

    /// <summary>Puts a disk into the slot, while no guest runs.</summary>
    /// <param name="extents">Of its file; the device's until it is configured anew.</param>
    /// <param name="id">What the guest gets to know of the disk, such as the file's name; cut to 20 bytes.</param>
    /// <returns>False if an extent is not on the flash; the slot is empty then.</returns>
    public bool Configure(Extent[] extents, int count, bool readOnly, ReadOnlySpan<byte> id)
    {
        Remove();
        if (InFlight != 0 || !_extents.TrySet(extents, count, _flash.Sectors) || !_flash.TryOpen(_client)) return false;
        IsPresent = true;
        _readOnly = readOnly || _flash.IsReadOnly;

        ReadOnlySpan<byte> cut = id.Slice(0, Math.Min(id.Length, _id.Length));
        new Span<byte>(_id).Clear();
        cut.CopyTo(_id);
        _idLength = cut.Length;
        _failures = 0;

        Offered = VirtioMmio.FeatureVersion1 | VirtioMmio.FeatureIndirect | VirtioMmio.FeatureEventIndex |
            VirtioBlockFormat.FeatureSegMax | VirtioBlockFormat.FeatureBlkSize | VirtioBlockFormat.FeatureFlush;
        if (_readOnly) Offered |= VirtioBlockFormat.FeatureReadOnly;
        if (!_readOnly && _flash.CanDiscard) Offered |= VirtioBlockFormat.FeatureDiscard;
        if (!_readOnly && _flash.CanZero) Offered |= VirtioBlockFormat.FeatureWriteZeroes;

        Span<byte> config = _config;
        config.Clear();
        LittleEndian.WriteU64(config, (int)VirtioBlockFormat.Capacity, _extents.Sectors);
        LittleEndian.WriteU32(config, (int)VirtioBlockFormat.SegMax, (uint)Math.Min(_flash.MaxSegments, QueueSize - 2));
        LittleEndian.WriteU32(config, (int)VirtioBlockFormat.BlkSize, BlockDevice.SectorBytes);
        LittleEndian.WriteU32(config, (int)VirtioBlockFormat.MaxDiscardSectors, int.MaxValue);
        LittleEndian.WriteU32(config, (int)VirtioBlockFormat.MaxDiscardSeg, 1);
        LittleEndian.WriteU32(config, (int)VirtioBlockFormat.DiscardSectorAlignment, 1);
        LittleEndian.WriteU32(config, (int)VirtioBlockFormat.MaxWriteZeroesSectors, int.MaxValue);
        LittleEndian.WriteU32(config, (int)VirtioBlockFormat.MaxWriteZeroesSeg, 1);
        config[(int)VirtioBlockFormat.WriteZeroesMayUnmap] = 1;
        return true;
    }

    /// <summary>Takes the disk out of the slot, while no guest runs.</summary>
    public void Remove()
    {
        Reset();
        if (!IsPresent || InFlight != 0) return;
        IsPresent = false;
        _flash.Close(_client);
        _extents.TrySet(null, 0, 0);
    }

    /// <summary>Gives the guest what is done, and goes on with what waits.</summary>
    public void Complete()
    {
        int count = _flash.Collect(_client, _done);
        if (!IsLive || !Queue(0).Ready) return; // all of it is void; a reset will forget the requests
        for (int i = 0; i < count; i++)
        {
            int tag = _done[i] & 0xFFFF;
            ref Request request = ref _requests[tag];
            request.Status = (byte)Math.Max(request.Status, _done[i] >> 16);
            if (_done[i] >> 16 == VirtioBlockFormat.IoError) Note(request);
            if (--request.Parts == 0 && tag != _current) Finish(tag);
        }

        Serve();
        if (Queue(0).Broken) Fail();
    }

    /// <summary>How many requests the flash has failed since this was last asked, or how often it failed one that was in pieces.</summary>
    /// <param name="type">Of the last one.</param>
    /// <param name="sector">Its first, on the disk.</param>
    public int TakeFailures(out uint type, out ulong sector)
    {
        int failures = _failures;
        _failures = 0;
        type = _failedType;
        sector = _failedSector;
        return failures;
    }

    /// <summary>What the guest and the keeper's log know the disk by.</summary>
    public ReadOnlySpan<byte> Id => new ReadOnlySpan<byte>(_id).Slice(0, _idLength);

    private void Note(in Request request)
    {
        _failures++;
        _failedType = request.Type;
        _failedSector = request.Sector;
    }

    protected override void OnNotify(int queue) => Serve();

    protected override void OnReset() => Abandon();

    protected override void OnStop(int queue) => Abandon();

    protected override byte ReadConfig(uint offset) => offset < (uint)_config.Length ? _config[(int)offset] : (byte)0;

    private void Abandon()
    {
        if (!IsPresent) return;
        bool idle = _flash.TryDrain(_client);
        ForgetRequests();
        if (!idle) Fail();
    }

    private void ForgetRequests()
    {
        _current = -1;
        _returned = false;
        _freeCount = _transfers = 0;
        for (int i = 0; i < MaxRequests; i++)
        {
            _free[_freeCount++] = i;
            _requests[i] = default;
        }
    }

    // Ends: a guest that gives back nothing has no more chains than its table has entries, and the queue sees to that.
    private void Serve()
    {
        while (_current >= 0 || TryBegin())
            if (!TrySubmit()) break; // Complete goes on
        _flash.Kick();
        if (!_returned) return;
        _returned = false;
        if (Queue(0).Publish()) RaiseUsedBuffer();
    }

    // Takes a chain and finds out what it wants.
    private bool TryBegin()
    {
        Virtqueue queue = Queue(0);
        if (_freeCount == 0 || !queue.TryTake(ask: _transfers < QuietTransfers)) return false; // with none free, one will be done
        if (queue.ReadableBytes < VirtioBlockFormat.HeaderBytes || queue.WritableBytes == 0)
        {
            Fail(); // "the header and the status": without, there is nobody to tell
            return false;
        }

        _current = _free[--_freeCount];
        ref Request request = ref _requests[_current];
        request.Head = queue.Head;
        request.Written = (uint)Math.Min(queue.WritableBytes, uint.MaxValue);
        request.Parts = 0;
        request.StatusAddress = LastByte(queue);

        _buffer = _at = 0;
        CopyFrom(queue, new Span<byte>(_copy, 0, VirtioBlockFormat.HeaderBytes));
        _type = LittleEndian.ReadU32(_copy, 0);
        _sector = LittleEndian.ReadU64(_copy, 8);
        _left = 0;
        request.Status = Prepare(queue);
        request.Type = _type;
        request.Sector = _sector;
        if (request.Status != VirtioBlockFormat.Ok) _left = 0;

        request.Transfers = _left != 0 && _type is VirtioBlockFormat.In or VirtioBlockFormat.Out;
        if (request.Transfers) _transfers++;

        // A driver that knows no flush expects what it wrote to stay: "writethrough".
        _thenFlush = (Features & VirtioBlockFormat.FeatureFlush) == 0 && _flash.CanFlush && _left != 0 && _type is VirtioBlockFormat.Out or VirtioBlockFormat.WriteZeroes;
        return true;
    }

    // Sets what is to be submitted of the current request.
    private byte Prepare(Virtqueue queue)
    {
        switch (_type)
        {
            case VirtioBlockFormat.In:
                SkipReadable(queue);
                return PrepareTransfer(queue, queue.WritableBytes - 1);
            case VirtioBlockFormat.Out:
                return _readOnly ? VirtioBlockFormat.IoError : PrepareTransfer(queue, queue.ReadableBytes - VirtioBlockFormat.HeaderBytes);
            case VirtioBlockFormat.Flush:
                _left = _flash.CanFlush && !_readOnly ? 1u : 0;
                return VirtioBlockFormat.Ok;
            case VirtioBlockFormat.GetId:
                SkipReadable(queue);
                WriteId(queue);
                return VirtioBlockFormat.Ok;
            case VirtioBlockFormat.Discard or VirtioBlockFormat.WriteZeroes:
                return PrepareRange(queue);
            default:
                return VirtioBlockFormat.Unsupported;
        }
    }

    private byte PrepareTransfer(Virtqueue queue, ulong bytes)
    {
        // Guests keep to the number of segments that we announced. Beside those, a chain has a header and a status, unless they share a buffer with data.
        int segments = queue.Count;
        if (queue[0].Length == VirtioBlockFormat.HeaderBytes) segments--;
        if (queue[queue.Count - 1].Length == 1) segments--;
        if (segments > _flash.MaxSegments || bytes % BlockDevice.SectorBytes != 0) return VirtioBlockFormat.IoError;
        return PrepareSectors(bytes / BlockDevice.SectorBytes);
    }

    private byte PrepareRange(Virtqueue queue)
    {
        if (_readOnly || _flash.MaxRange(_type) == 0) return _readOnly ? VirtioBlockFormat.IoError : VirtioBlockFormat.Unsupported;
        if (queue.ReadableBytes != VirtioBlockFormat.HeaderBytes + VirtioBlockFormat.RangeBytes) return VirtioBlockFormat.IoError; // one range
        CopyFrom(queue, new Span<byte>(_copy, VirtioBlockFormat.HeaderBytes, VirtioBlockFormat.RangeBytes));
        _sector = LittleEndian.ReadU64(_copy, VirtioBlockFormat.HeaderBytes);
        _flags = LittleEndian.ReadU32(_copy, VirtioBlockFormat.HeaderBytes + 12);

        // "if any unknown flag is set", and "for discard commands if the unmap flag is set".
        uint known = _type == VirtioBlockFormat.Discard ? 0 : VirtioBlockFormat.FlagUnmap;
        if ((_flags & ~known) != 0) return VirtioBlockFormat.Unsupported;
        return PrepareSectors(LittleEndian.ReadU32(_copy, VirtioBlockFormat.HeaderBytes + 8));
    }

    private byte PrepareSectors(ulong count)
    {
        if (_sector > _extents.Sectors || count > _extents.Sectors - _sector) return VirtioBlockFormat.IoError;
        _left = count;
        return VirtioBlockFormat.Ok;
    }

    // Submits what is left of the current request; false if the driver takes no more now.
    private bool TrySubmit()
    {
        while (_left != 0)
        {
            int slot = _flash.TryReserve(_client);
            if (slot < 0) return false;
            ulong count = 1, at = 0;
            if (_type != VirtioBlockFormat.Flush)
            {
                bool transfers = _type is VirtioBlockFormat.In or VirtioBlockFormat.Out;
                at = _extents.Find(_sector, out ulong run);
                count = Math.Min(Math.Min(_left, run), transfers ? PartSectors : _flash.MaxRange(_type));
                if (transfers) AddData(slot, (int)count * BlockDevice.SectorBytes);
                else _flash.SetRange(slot, at, (uint)count, _flags);
                if (!transfers) at = 0;
            }

            _requests[_current].Parts++;
            _flash.Submit(slot, _type, at, _current);
            _sector += count;
            _left -= count;
        }

        if (_thenFlush)
        {
            if (_requests[_current].Parts != 0) return false;
            _thenFlush = false;
            _type = VirtioBlockFormat.Flush;
            _left = 1;
            return TrySubmit();
        }

        int current = _current;
        _current = -1;
        if (_requests[current].Parts == 0) Finish(current);
        return true;
    }

    // The next bytes of the chain, which has them.
    private void AddData(int slot, int bytes)
    {
        Virtqueue queue = Queue(0);
        while (bytes != 0)
        {
            ref readonly ChainBuffer buffer = ref queue[_buffer];
            int n = Math.Min(buffer.Length - _at, bytes);
            if (n != 0) _flash.AddSegment(slot, _memory.DeviceAddress(buffer.Address + (uint)_at), n, buffer.Writable);
            Advance(buffer, n);
            bytes -= n;
        }
    }

    private void Finish(int tag)
    {
        ref Request request = ref _requests[tag];
        _free[_freeCount++] = tag;
        if (request.Transfers) _transfers--;
        _memory.Slice(request.StatusAddress, 1)[0] = request.Status;
        Queue(0).Return(request.Head, request.Written);
        _returned = true;
    }

    private void Advance(in ChainBuffer buffer, int bytes)
    {
        _at += bytes;
        if (_at != buffer.Length) return;
        _buffer++;
        _at = 0;
    }

    private void CopyFrom(Virtqueue queue, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            ref readonly ChainBuffer buffer = ref queue[_buffer];
            int n = Math.Min(buffer.Length - _at, destination.Length);
            if (n != 0) _memory.Slice(buffer.Address + (uint)_at, n).CopyTo(destination);
            Advance(buffer, n);
            destination = destination.Slice(n);
        }
    }

    private void SkipReadable(Virtqueue queue)
    {
        _at = 0;
        for (_buffer = 0; !queue[_buffer].Writable;) _buffer++;
    }

    private void WriteId(Virtqueue queue)
    {
        ReadOnlySpan<byte> left = _id;
        left = left.Slice(0, (int)Math.Min((ulong)left.Length, queue.WritableBytes - 1));
        while (!left.IsEmpty)
        {
            ref readonly ChainBuffer buffer = ref queue[_buffer];
            int n = Math.Min(buffer.Length - _at, left.Length);
            if (n != 0) left.Slice(0, n).CopyTo(_memory.Slice(buffer.Address + (uint)_at, n));
            Advance(buffer, n);
            left = left.Slice(n);
        }
    }

    // The status is the last byte that we may write, and there is one.
    private static ulong LastByte(Virtqueue queue)
    {
        int last = queue.Count - 1;
        while (queue[last].Length == 0) last--;
        return queue[last].Address + (uint)queue[last].Length - 1;
    }

    private struct Request
    {
        public ulong StatusAddress, Sector;
        public uint Type;
        public uint Written;
        public ushort Head;
        public ushort Parts; // under way
        public byte Status;  // the worst
        public bool Transfers;
    }
}
