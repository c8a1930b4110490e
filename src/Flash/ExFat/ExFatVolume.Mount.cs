using System;

namespace Pocketvisor.Flash;

public sealed partial class ExFatVolume
{
    private const byte AllocationBitmap = 0x81, Upcase = 0x82;
    private const byte VolumeDirty = 2;
    private const ulong MaxFolderBytes = 256 << 20;
    private const ulong MaxUpcaseBytes = 0x2_0000;

    private ulong _bootStart;   // the sound boot region's first sector
    private bool _markedDirty;  // by us, since the last Flush
    private uint _bitmapFirst, _upcaseFirst, _upcaseChecksum;
    private ulong _upcaseBytes;

    /// <summary>Checks everything that the volume will rely on, and mends what a cut while renaming may have left. May be called again.</summary>
    public FlashStatus Mount()
    {
        Refuse(FlashStatus.NotExFat, default);
        _usable = FlashStatus.NotExFat;
        _root = default;
        _markedDirty = false;
        _epoch++;
        _usable = TryMount();
        _changeable = _usable;
        return _usable == FlashStatus.Ok && WasDirty ? MendNames() : _usable;
    }

    private FlashStatus TryMount()
    {
        FlashStatus status = FindBootRegion();
        if (status == FlashStatus.Ok) status = FindSystemFiles();
        if (status == FlashStatus.Ok) status = LoadUpcase();
        if (status == FlashStatus.Ok) status = CountFree();
        ForgetWalk();
        return status == FlashStatus.Ok ? CheckClusters(_root) : status;
    }

    /// <summary>The main boot region, or if that one is damaged its backup, which lies after it, 12 of the volume's sectors from the start.</summary>
    private FlashStatus FindBootRegion()
    {
        bool found = false;
        FlashStatus status = TryBootRegion(0, -1, ref found);
        if (status is FlashStatus.Ok or FlashStatus.DeviceFailed) return status;
        for (int shift = 0; shift <= 3; shift++)
        {
            // The main region's sentence is the one to tell.
            FlashStatus backup = TryBootRegion((ulong)Geometry.BootSectors << shift, shift, ref found);
            if (backup is FlashStatus.Ok or FlashStatus.DeviceFailed) return backup;
        }
        if (found) return FlashStatus.Damaged;
        Refuse(FlashStatus.NotExFat, "There is no exFAT volume on the device."u8);
        return FlashStatus.NotExFat;
    }

    /// <param name="shift">The sector size that must be there, as in <see cref="Geometry.SectorShift"/>; -1 for any.</param>
    private FlashStatus TryBootRegion(ulong start, int shift, ref bool found)
    {
        if (start + Geometry.BootSectors > _device.Sectors) return FlashStatus.NotExFat;
        if (!_directory.Load(start)) return DeviceFailed();
        if (!Geometry.IsExFat(_directory.Bytes)) return FlashStatus.NotExFat;
        Geometry geometry = default;
        ReadOnlySpan<byte> wrong = geometry.Parse(_directory.Bytes, _device.Sectors);
        bool dirty = (_directory.Bytes[Geometry.VolumeFlags] & VolumeDirty) != 0;
        if (wrong.Length == 0 && shift >= 0 && geometry.SectorShift != shift) wrong = "The backup boot sector is not where its sector size says."u8;
        if (wrong.Length == 0)
        {
            if (!TryCheckBoot(start, geometry.SectorShift, out bool sound)) return DeviceFailed();
            if (!sound) wrong = "The boot region has a wrong checksum."u8;
        }
        if (wrong.Length > 0)
        {
            if (!found) Damaged(wrong);
            found = true;
            return FlashStatus.Damaged;
        }

        _geometry = geometry;
        _bootStart = start;
        WasDirty = dirty;
        return FlashStatus.Ok;
    }

    /// <summary>The specification, "Main and Backup Boot Checksum Sub-regions": the twelfth sector repeats the checksum of the eleven before it.</summary>
    private bool TryCheckBoot(ulong start, int sectorShift, out bool sound)
    {
        uint sum = 0;
        sound = true;
        for (int sector = 0; sector < Geometry.BootSectors << sectorShift; sector++)
        {
            if (!_directory.Load(start + (ulong)sector)) return false;
            ReadOnlySpan<byte> bytes = _directory.Bytes;
            if (sector >= Geometry.BootSectors - 1 << sectorShift)
            {
                for (int i = 0; i < bytes.Length; i += 4) sound &= LittleEndian.ReadU32(bytes, i) == sum;
                continue;
            }
            for (int i = 0; i < bytes.Length; i++)
            {
                if (sector == 0 && i is (Geometry.VolumeFlags or Geometry.VolumeFlags + 1 or Geometry.PercentInUse)) continue;
                sum = (sum << 31 | sum >> 1) + bytes[i];
            }
        }
        return true;
    }

    /// <summary>Walks the root folder for the two files that everything needs, and refuses what it must not ignore.</summary>
    private FlashStatus FindSystemFiles()
    {
        _systemRuns = 0;
        _bitmapRuns = 0;
        _bitmapFirst = _upcaseFirst = 0;
        FlashStatus status = MeasureRoot();
        if (status != FlashStatus.Ok) return status;

        ulong bitmapBytes = 0;
        for (uint offset = 0; offset < _root.Length; offset += EntrySet.EntryBytes)
        {
            status = LoadEntry(_root, offset, out int at);
            if (status != FlashStatus.Ok) return status;
            ReadOnlySpan<byte> entry = _directory.Bytes.Slice(at, EntrySet.EntryBytes);
            if (entry[0] == 0) break;
            switch (entry[0])
            {
                case AllocationBitmap:
                    if (_bitmapFirst != 0 || (entry[1] & 1) != 0) return Damaged("There is more than one allocation bitmap."u8);
                    _bitmapFirst = LittleEndian.ReadU32(entry, 20);
                    bitmapBytes = LittleEndian.ReadU64(entry, 24);
                    if (_bitmapFirst == 0) return Damaged("The allocation bitmap has no clusters."u8);
                    break;
                case Upcase:
                    if (_upcaseFirst != 0) return Damaged("There is more than one up-case table."u8);
                    _upcaseChecksum = LittleEndian.ReadU32(entry, 4);
                    _upcaseFirst = LittleEndian.ReadU32(entry, 20);
                    _upcaseBytes = LittleEndian.ReadU64(entry, 24);
                    if (_upcaseFirst == 0) return Damaged("The up-case table has no clusters."u8);
                    break;
            }
        }
        if (_bitmapFirst == 0) return Damaged("There is no allocation bitmap."u8);
        if (_upcaseFirst == 0) return Damaged("There is no up-case table."u8);
        if (bitmapBytes < (_geometry.ClusterCount + 7ul) / 8 || bitmapBytes > TotalBytes) return Damaged("The allocation bitmap has a wrong length."u8);
        if (_upcaseBytes is 0 or > MaxUpcaseBytes || _upcaseBytes % 2 != 0) return Damaged("The up-case table has a wrong length."u8);

        status = AddSystemRuns(_bitmapFirst, _geometry.Clusters(bitmapBytes));
        _bitmapRuns = _systemRuns;
        if (status == FlashStatus.Ok) status = AddSystemRuns(_upcaseFirst, _geometry.Clusters(_upcaseBytes));
        return status;
    }

    /// <summary>The root folder has no entry set, so its length is that of its chain.</summary>
    private FlashStatus MeasureRoot()
    {
        _root = new FileNode { IsFolder = true, FirstCluster = _geometry.RootCluster, Epoch = _epoch };
        ulong limit = Math.Min(_geometry.ClusterCount, Math.Max(MaxFolderBytes / ClusterBytes, 1));
        ulong clusters = 0;
        for (uint cluster = _geometry.RootCluster; cluster != EndOfChain; clusters++)
        {
            if (!IsFileCluster(cluster)) return Damaged("The root folder's clusters lead out of the volume."u8);
            if (clusters == limit) return Damaged("The root folder's clusters form a loop."u8);
            FlashStatus status = ReadFat(cluster, out cluster);
            if (status != FlashStatus.Ok) return status;
        }
        _root.Length = _root.ValidLength = clusters * ClusterBytes;
        _checked = _root; // as far as it can be before the bitmap is known
        _walkIndex = 0;
        _walkCluster = _root.FirstCluster;
        return FlashStatus.Ok;
    }

    private FlashStatus LoadUpcase()
    {
        _upcase.Begin();
        ulong left = _upcaseBytes;
        for (int run = _bitmapRuns; run < _systemRuns; run++)
        {
            ulong sector = _geometry.Sector(_runStart[run]), end = sector + ((ulong)_runLength[run] << _geometry.ClusterShift);
            for (; sector < end && left > 0; sector++)
            {
                if (!_directory.Load(sector)) return DeviceFailed();
                int n = (int)Math.Min(left, BlockDevice.SectorBytes);
                if (!_upcase.Append(_directory.Bytes.Slice(0, n))) return Damaged("The up-case table is too long."u8);
                left -= (ulong)n;
            }
        }
        return _upcase.End(_upcaseChecksum) ? FlashStatus.Ok : Damaged("The up-case table is wrong."u8);
    }

    private FlashStatus CountFree()
    {
        uint used = 0, last = Geometry.FirstCluster + _geometry.ClusterCount - 1;
        for (uint cluster = Geometry.FirstCluster; cluster <= last; cluster++)
        {
            FlashStatus status = ReadBit(cluster, out bool allocated);
            if (status != FlashStatus.Ok) return status;
            if (allocated) used++;
        }
        _freeClusters = _geometry.ClusterCount - used;
        for (int run = 0; run < _systemRuns; run++)
        {
            FlashStatus status = CheckAllocated(_runStart[run], _runLength[run]);
            if (status != FlashStatus.Ok) return status;
        }
        return FlashStatus.Ok;
    }

    /// <summary>
    /// Before the first change: the flag that tells the next one to mount that there may be lost clusters. The specification, "VolumeFlags
    /// Field". A damaged main boot region is restored on this occasion.
    /// </summary>
    private FlashStatus MarkDirty()
    {
        if (_markedDirty) return FlashStatus.Ok;
        if (_bootStart != 0)
        {
            for (ulong sector = 0; sector < _bootStart; sector++)
            {
                if (!_device.TryRead(_bootStart + sector, Sectors(1)) || !_device.TryWrite(sector, Sectors(1))) return DeviceFailed();
            }
            _bootStart = 0;
        }
        FlashStatus status = WriteFlags(dirty: true);
        if (status != FlashStatus.Ok) return status;
        _markedDirty = true;
        return Barrier();
    }

    /// <summary>After a barrier. Whether this write survives doesn't matter.</summary>
    private FlashStatus MarkClean()
    {
        if (!_markedDirty) return FlashStatus.Ok;
        FlashStatus status = WriteFlags(dirty: WasDirty);
        _markedDirty = false;
        return status;
    }

    private FlashStatus WriteFlags(bool dirty)
    {
        Span<byte> boot = Sectors(1);
        if (!_device.TryRead(0, boot)) return DeviceFailed();
        boot[Geometry.VolumeFlags] = (byte)(boot[Geometry.VolumeFlags] & ~VolumeDirty | (dirty ? VolumeDirty : 0));
        boot[Geometry.PercentInUse] = (byte)((_geometry.ClusterCount - _freeClusters) * 100ul / _geometry.ClusterCount);
        return _device.TryWrite(0, boot) ? FlashStatus.Ok : DeviceFailed();
    }

    /// <summary>The first sectors of the buffer.</summary>
    private Span<byte> Sectors(int count) => new(_buffer, 0, count * BlockDevice.SectorBytes);
}
