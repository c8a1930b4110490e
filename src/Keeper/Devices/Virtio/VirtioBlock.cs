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
public sealed partial class VirtioBlock : VirtioDevice
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
