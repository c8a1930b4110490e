using System;

namespace Pocketvisor.Flash;

// The FAT and the allocation bitmap.
public sealed partial class ExFatVolume
{
    private const uint EndOfChain = 0xFFFF_FFFF;
    private const int MaxSystemRuns = 16;
    private const uint ClustersPerBitmapSector = BlockDevice.SectorBytes * 8, EntriesPerFatSector = BlockDevice.SectorBytes / 4;

    // Pieces of the bitmap, then of the up-case table. No file may have these clusters.
    private readonly uint[] _runStart = new uint[MaxSystemRuns], _runLength = new uint[MaxSystemRuns];
    private int _bitmapRuns, _systemRuns;

    // The file whose clusters were checked last, and how far its chain was followed.
    private FileNode _checked;
    private uint _walkIndex, _walkCluster;

    private uint _searchFrom; // where the last allocation ended

    private bool IsFileCluster(uint cluster)
    {
        if (!_geometry.IsCluster(cluster)) return false;
        for (int i = 0; i < _systemRuns; i++)
            if (cluster - _runStart[i] < _runLength[i]) return false;
        return true;
    }

    private FlashStatus AddSystemRuns(uint first, ulong clusters)
    {
        uint cluster = first;
        bool fresh = true; // no run to extend
        for (ulong i = 0; i < clusters; i++)
        {
            // Also what was walked before: this catches loops, and the up-case table in the bitmap.
            if (!IsFileCluster(cluster) || cluster == _geometry.RootCluster) return Damaged("The clusters of the allocation bitmap or the up-case table are wrong."u8);
            if (!fresh && cluster == _runStart[_systemRuns - 1] + _runLength[_systemRuns - 1])
            {
                _runLength[_systemRuns - 1]++;
            }
            else
            {
                if (_systemRuns == MaxSystemRuns) return Damaged("The allocation bitmap or the up-case table has too many pieces."u8);
                _runStart[_systemRuns] = cluster;
                _runLength[_systemRuns++] = 1;
                fresh = false;
            }
            FlashStatus status = ReadFat(cluster, out cluster);
            if (status != FlashStatus.Ok) return status;
        }
        return cluster == EndOfChain ? FlashStatus.Ok : Damaged("The clusters of the allocation bitmap or the up-case table don't end where they should."u8);
    }

    private FlashStatus ReadFat(uint cluster, out uint next)
    {
        next = EndOfChain;
        if (!_fat.Load(_geometry.FatStart + cluster / EntriesPerFatSector)) return DeviceFailed();
        next = LittleEndian.ReadU32(_fat.Bytes, (int)(cluster % EntriesPerFatSector) * 4);
        return FlashStatus.Ok;
    }

    private FlashStatus WriteFat(uint cluster, uint next)
    {
        if (!_fat.Load(_geometry.FatStart + cluster / EntriesPerFatSector)) return DeviceFailed();
        LittleEndian.WriteU32(_fat.Change(), (int)(cluster % EntriesPerFatSector) * 4, next);
        return FlashStatus.Ok;
    }

    private bool LoadBits(uint cluster)
    {
        uint sector = (cluster - Geometry.FirstCluster) / ClustersPerBitmapSector;
        for (int run = 0; run < _bitmapRuns; run++)
        {
            uint sectors = _runLength[run] << _geometry.ClusterShift;
            if (sector < sectors) return _bitmap.Load(_geometry.Sector(_runStart[run]) + sector);
            sector -= sectors;
        }
        return false;
    }

    private FlashStatus ReadBit(uint cluster, out bool allocated)
    {
        allocated = true;
        if (!LoadBits(cluster)) return DeviceFailed();
        uint bit = (cluster - Geometry.FirstCluster) % ClustersPerBitmapSector;
        allocated = (_bitmap.Bytes[(int)(bit / 8)] >> (int)(bit % 8) & 1) != 0;
        return FlashStatus.Ok;
    }

    /// <summary>Allocates or frees, and makes sure that the bitmap said the opposite.</summary>
    private FlashStatus WriteBit(uint cluster, bool allocated)
    {
        FlashStatus status = ReadBit(cluster, out bool before);
        if (status != FlashStatus.Ok) return status;
        if (before == allocated) return Damaged("The allocation bitmap disagrees with a file."u8);
        uint bit = (cluster - Geometry.FirstCluster) % ClustersPerBitmapSector;
        _bitmap.Change()[(int)(bit / 8)] ^= (byte)(1 << (int)(bit % 8));
        _freeClusters = allocated ? _freeClusters - 1 : _freeClusters + 1;
        return FlashStatus.Ok;
    }

    private FlashStatus CheckAllocated(uint first, uint count)
    {
        for (uint i = 0; i < count; i++)
        {
            FlashStatus status = ReadBit(first + i, out bool allocated);
            if (status != FlashStatus.Ok) return status;
            if (!allocated) return Damaged("The allocation bitmap has a file's cluster as free."u8);
        }
        return FlashStatus.Ok;
    }

    /// <summary>
    /// All clusters of a file, before the first is used: in the heap, allocated, as many as the length says, and then the end of the chain, so
    /// that there is no loop. Done once in a row for a file.
    /// </summary>
    private FlashStatus CheckClusters(in FileNode file)
    {
        uint clusters = (uint)_geometry.Clusters(file.Length);
        if (clusters == 0) return FlashStatus.Ok;
        if (_checked.FirstCluster == file.FirstCluster && _checked.Length == file.Length && _checked.IsContiguous == file.IsContiguous) return FlashStatus.Ok;
        ForgetWalk();
        uint cluster = file.FirstCluster;
        for (uint i = 0; i < clusters; i++)
        {
            if (!IsFileCluster(cluster)) return Damaged("A file's clusters lead out of the volume."u8);
            FlashStatus status = CheckAllocated(cluster, 1);
            if (status == FlashStatus.Ok) status = Step(file, cluster, out cluster);
            if (status != FlashStatus.Ok) return status;
        }
        if (!file.IsContiguous && cluster != EndOfChain) return Damaged("A file has more clusters than its length needs, or they form a loop."u8);
        _checked = file;
        _walkIndex = 0;
        _walkCluster = file.FirstCluster;
        return FlashStatus.Ok;
    }

    private FlashStatus Step(in FileNode file, uint cluster, out uint next)
    {
        next = cluster + 1;
        return file.IsContiguous ? FlashStatus.Ok : ReadFat(cluster, out next);
    }

    /// <summary>The n-th cluster of a file whose clusters were checked.</summary>
    private FlashStatus Locate(in FileNode file, uint index, out uint cluster)
    {
        cluster = file.FirstCluster + index;
        if (file.IsContiguous) return FlashStatus.Ok;
        FlashStatus status = CheckClusters(file);
        if (status != FlashStatus.Ok) return status;
        if (index < _walkIndex)
        {
            _walkIndex = 0;
            _walkCluster = file.FirstCluster;
        }
        for (; _walkIndex < index; _walkIndex++)
        {
            status = ReadFat(_walkCluster, out uint next);
            if (status != FlashStatus.Ok) return status;
            _walkCluster = next;
        }
        cluster = _walkCluster;
        return FlashStatus.Ok;
    }

    private void ForgetWalk() => _checked = default;

    /// <summary>
    /// Takes clusters: one run if there is one that is long enough, else what there is, as a chain. In the bitmap and the FAT only; a barrier has
    /// to follow before anything refers to them.
    /// </summary>
    private FlashStatus Allocate(uint count, out uint first, out bool contiguous)
    {
        first = 0;
        contiguous = true;
        if (count > _freeClusters) return FlashStatus.NoSpace;
        FlashStatus status = FindRun(count, out first, out uint length);
        if (status != FlashStatus.Ok) return status;
        if (length == count)
        {
            status = Take(first, count);
            _searchFrom = first + count;
            return status;
        }

        contiguous = false;
        uint last = 0;
        uint cluster = Geometry.FirstCluster;
        for (uint taken = 0; taken < count; cluster++)
        {
            if (!_geometry.IsCluster(cluster)) return Damaged("The allocation bitmap has fewer free clusters than before."u8);
            status = ReadBit(cluster, out bool allocated);
            if (status != FlashStatus.Ok) return status;
            if (allocated || !IsFileCluster(cluster)) continue;
            status = Take(cluster, 1);
            if (status == FlashStatus.Ok && taken > 0) status = WriteFat(last, cluster);
            if (status != FlashStatus.Ok) return status;
            if (taken++ == 0) first = cluster;
            last = cluster;
        }
        return WriteFat(last, EndOfChain);
    }

    /// <summary>The first run of free clusters that is long enough, from where the last allocation ended; or any shorter one.</summary>
    private FlashStatus FindRun(uint count, out uint first, out uint length)
    {
        first = length = 0;
        uint end = Geometry.FirstCluster + _geometry.ClusterCount;
        uint start = _geometry.IsCluster(_searchFrom) ? _searchFrom : Geometry.FirstCluster;
        uint cluster = start;
        for (uint i = 0; i < _geometry.ClusterCount && length < count; i++, cluster++)
        {
            if (cluster == end)
            {
                cluster = Geometry.FirstCluster;
                length = 0;
            }
            FlashStatus status = ReadBit(cluster, out bool allocated);
            if (status != FlashStatus.Ok) return status;
            if (allocated)
            {
                length = 0;
                continue;
            }
            if (length++ == 0) first = cluster;
        }
        return FlashStatus.Ok;
    }

    private FlashStatus Take(uint first, uint count)
    {
        FlashStatus status = FlashStatus.Ok;
        for (uint i = 0; i < count && status == FlashStatus.Ok; i++) status = WriteBit(first + i, allocated: true);
        return status;
    }

    /// <summary>Gives back the clusters of a file from the n-th on. Nothing on the flash may refer to them any more.</summary>
    private FlashStatus Free(in FileNode file, uint from, uint to)
    {
        FlashStatus status = FlashStatus.Ok;
        uint cluster = 0;
        for (uint i = from; i < to; i++)
        {
            status = i == from ? Locate(file, from, out cluster) : Step(file, cluster, out cluster);
            if (status == FlashStatus.Ok) status = WriteBit(cluster, allocated: false);
            if (status != FlashStatus.Ok) break;
        }
        ForgetWalk();
        return status;
    }
}
