using System;

namespace Pocketvisor.Flash;

// What is in files.
public sealed partial class ExFatVolume
{
    // The file that was written beyond what its entry set calls valid. Data goes first, so the set follows only at the next change or Flush:
    // a file that is written from start to end costs one barrier.
    private FileNode _unsettled;

    public FlashStatus Read(in FileNode file, ulong offset, Span<byte> data)
    {
        FileNode opened = file;
        FlashStatus status = OpenFile(ref opened);
        if (status != FlashStatus.Ok) return status;
        if (offset > opened.Length || (ulong)data.Length > opened.Length - offset) return FlashStatus.OutOfRange;
        int valid = (int)Math.Min((ulong)data.Length, opened.ValidLength > offset ? opened.ValidLength - offset : 0);
        data.Slice(valid).Clear();
        data = data.Slice(0, valid);
        while (data.Length > 0 && status == FlashStatus.Ok)
        {
            status = MapRun(opened, offset, (ulong)data.Length, out ulong sector, out ulong run);
            if (status != FlashStatus.Ok) return status;
            int skip = (int)(offset % BlockDevice.SectorBytes);
            int n = (int)Math.Min(run, (ulong)data.Length) & -BlockDevice.SectorBytes;
            if (skip != 0 || n == 0)
            {
                if (!_device.TryRead(sector, Sectors(1))) return DeviceFailed();
                n = Math.Min(BlockDevice.SectorBytes - skip, data.Length);
                Sectors(1).Slice(skip, n).CopyTo(data);
            }
            else if (!_device.TryRead(sector, data.Slice(0, n)))
            {
                return DeviceFailed();
            }
            offset += (ulong)n;
            data = data.Slice(n);
        }
        return status;
    }

    /// <summary>Within the length. What lies between the valid bytes and these becomes zeros.</summary>
    public FlashStatus Write(ref FileNode file, ulong offset, ReadOnlySpan<byte> data)
    {
        FlashStatus status = OpenFile(ref file);
        if (status != FlashStatus.Ok) return status;
        if (offset > file.Length || (ulong)data.Length > file.Length - offset) return FlashStatus.OutOfRange;
        if (data.Length == 0) return FlashStatus.Ok;
        if (_changeable != FlashStatus.Ok) return _changeable;
        if (!IsSame(_unsettled, file))
        {
            status = BeginChange();
            if (status == FlashStatus.Ok) status = OpenFile(ref file);
        }
        if (status == FlashStatus.Ok && offset > file.ValidLength) status = ZeroRange(file, file.ValidLength, offset);
        ulong end = offset + (ulong)data.Length;
        while (data.Length > 0 && status == FlashStatus.Ok)
        {
            status = MapRun(file, offset, (ulong)data.Length, out ulong sector, out ulong run);
            if (status != FlashStatus.Ok) return status;
            int skip = (int)(offset % BlockDevice.SectorBytes);
            int n = (int)Math.Min(run, (ulong)data.Length) & -BlockDevice.SectorBytes;
            if (skip != 0 || n == 0)
            {
                n = Math.Min(BlockDevice.SectorBytes - skip, data.Length);
                if (!_device.TryRead(sector, Sectors(1))) return DeviceFailed();
                data.Slice(0, n).CopyTo(Sectors(1).Slice(skip));
                if (!_device.TryWrite(sector, Sectors(1))) return DeviceFailed();
            }
            else if (!_device.TryWrite(sector, data.Slice(0, n)))
            {
                return DeviceFailed();
            }
            offset += (ulong)n;
            data = data.Slice(n);
        }
        if (status != FlashStatus.Ok || end <= file.ValidLength) return status;
        file.ValidLength = end;
        file.Epoch = ++_epoch;
        _unsettled = file;
        return FlashStatus.Ok;
    }

    /// <summary>
    /// Zeros up to there, if it was not valid before. A disk image has to be valid as a whole before a guest may reach its clusters by
    /// <see cref="GetExtents"/>: they may hold what others deleted.
    /// </summary>
    public FlashStatus MakeValid(ref FileNode file, ulong validLength)
    {
        FlashStatus status = OpenFile(ref file);
        if (status != FlashStatus.Ok || validLength <= file.ValidLength) return status;
        if (validLength > file.Length) return FlashStatus.OutOfRange;
        status = BeginChange();
        if (status == FlashStatus.Ok) status = OpenFile(ref file);
        if (status == FlashStatus.Ok) status = ZeroRange(file, file.ValidLength, validLength);
        if (status == FlashStatus.Ok) status = Barrier();
        return status == FlashStatus.Ok ? ChangeData(ref file, file.FirstCluster, file.IsContiguous, file.Length, validLength) : status;
    }

    /// <summary>The pieces of a file in order, as long as the file in whole sectors.</summary>
    public FlashStatus GetExtents(in FileNode file, Span<Extent> extents, out int count)
    {
        count = 0;
        FileNode opened = file;
        FlashStatus status = OpenFile(ref opened);
        for (ulong offset = 0; offset < opened.Length && status == FlashStatus.Ok;)
        {
            status = MapRun(opened, offset, opened.Length - offset, out ulong sector, out ulong run);
            if (status != FlashStatus.Ok) break;
            if (count == extents.Length) return FlashStatus.TooFragmented;
            ulong bytes = Math.Min(run, opened.Length - offset);
            extents[count++] = new Extent(sector, (bytes + BlockDevice.SectorBytes - 1) / BlockDevice.SectorBytes);
            offset += run;
        }
        return status;
    }

    /// <summary>Where a byte of a file lies, and how many bytes from there follow each other: enough, or all there are.</summary>
    private FlashStatus MapRun(in FileNode file, ulong offset, ulong enough, out ulong sector, out ulong bytes)
    {
        uint index = (uint)(offset / ClusterBytes), clusters = (uint)_geometry.Clusters(file.Length);
        FlashStatus status = Locate(file, index, out uint cluster);
        uint within = (uint)(offset % ClusterBytes);
        sector = _geometry.Sector(cluster) + within / BlockDevice.SectorBytes;
        bytes = ClusterBytes - within;
        if (file.IsContiguous) bytes += (ulong)(clusters - index - 1) * ClusterBytes;
        while (status == FlashStatus.Ok && bytes < enough && index + 1 < clusters && !file.IsContiguous)
        {
            uint last = cluster;
            status = Locate(file, ++index, out cluster);
            if (cluster != last + 1) break;
            bytes += ClusterBytes;
        }
        return status;
    }

    /// <summary>Zeros bytes that are not valid, and the rest of their last sector, which isn't either.</summary>
    private FlashStatus ZeroRange(in FileNode file, ulong from, ulong to)
    {
        FlashStatus status = FlashStatus.Ok;
        while (from < to && status == FlashStatus.Ok)
        {
            status = MapRun(file, from, to - from, out ulong sector, out ulong run);
            if (status != FlashStatus.Ok) return status;
            int skip = (int)(from % BlockDevice.SectorBytes);
            if (skip != 0)
            {
                if (!_device.TryRead(sector, Sectors(1))) return DeviceFailed();
                Sectors(1).Slice(skip).Clear();
                if (!_device.TryWrite(sector, Sectors(1))) return DeviceFailed();
                from += (ulong)(BlockDevice.SectorBytes - skip);
                continue;
            }
            ulong bytes = Math.Min(run, to - from), sectors = (bytes + BlockDevice.SectorBytes - 1) / BlockDevice.SectorBytes;
            if (!_device.TryZero(sector, sectors)) return DeviceFailed();
            from += bytes;
        }
        return status;
    }

    /// <summary>Data first, then the entry set that calls it valid.</summary>
    private FlashStatus SettleLength()
    {
        if (_unsettled.Position.Cluster == 0) return FlashStatus.Ok;
        FileNode file = _unsettled;
        FlashStatus status = Barrier();
        _unsettled = default;
        return status == FlashStatus.Ok ? ChangeData(ref file, file.FirstCluster, file.IsContiguous, file.Length, file.ValidLength) : status;
    }
}
