using System;

namespace Pocketvisor.Flash;

// How files and folders grow and shrink.
//
// The chain in the FAT and the length in the entry set lie in two sectors, and exFAT calls it damage if one is ahead of the other. So the
// chain of a file never changes. What is contiguous ignores the FAT, which makes room for a switch in one write:
//
//   contiguous → longer     the next clusters, or if they are taken: a chain of all clusters, old and new, then the set
//   chain → longer          a copy elsewhere, then the set
//   contiguous → shorter    the set
//   chain → shorter         the set if what remains is contiguous, else a copy
//
// Only the root folder, which has no set, grows by a link.
public sealed partial class ExFatVolume
{
    /// <summary>Bytes that are new read as zeros.</summary>
    public FlashStatus SetLength(ref FileNode file, ulong length)
    {
        FlashStatus status = OpenFile(ref file);
        if (status != FlashStatus.Ok || length == file.Length) return status;
        ulong before = _geometry.Clusters(file.Length), after = _geometry.Clusters(length);
        if (after > before && after - before > _freeClusters) return FlashStatus.NoSpace;
        status = BeginChange();
        if (status == FlashStatus.Ok) status = OpenFile(ref file);
        if (status != FlashStatus.Ok) return status;
        ulong valid = Math.Min(file.ValidLength, length);
        if (after > before) return Grow(ref file, (uint)before, (uint)after, length, valid);
        if (after < before) return Shrink(ref file, (uint)after, length, valid);
        return ChangeData(ref file, file.FirstCluster, file.IsContiguous, length, valid);
    }

    private FlashStatus Grow(ref FileNode node, uint before, uint after, ulong length, ulong valid)
    {
        if (!node.IsContiguous) return Relocate(ref node, after, length, valid);

        FlashStatus status = IsRunFree(node.FirstCluster + before, after - before, out bool free);
        if (status != FlashStatus.Ok) return status;
        uint added = node.FirstCluster + before;
        bool contiguous = free;
        status = free ? Take(added, after - before) : Allocate(after - before, out added, out contiguous);
        if (status != FlashStatus.Ok) return status;
        if (node.IsFolder)
        {
            uint cluster = added;
            for (uint i = before; i < after && status == FlashStatus.Ok; i++)
            {
                status = Zero(cluster);
                if (status == FlashStatus.Ok && contiguous) cluster++;
                else if (status == FlashStatus.Ok) status = ReadFat(cluster, out cluster);
            }
        }
        if (status == FlashStatus.Ok && !free)
        {
            status = Chain(node.FirstCluster, before, added);
            if (status == FlashStatus.Ok && contiguous) status = Chain(added, after - before, EndOfChain);
        }
        if (status == FlashStatus.Ok) status = Barrier();
        ForgetWalk();
        return status == FlashStatus.Ok ? ChangeData(ref node, node.FirstCluster, free, length, valid) : status;
    }

    private FlashStatus Shrink(ref FileNode file, uint after, ulong length, ulong valid)
    {
        FileNode old = file;
        bool contiguous = file.IsContiguous;
        FlashStatus status = FlashStatus.Ok;
        if (!contiguous)
        {
            uint cluster = file.FirstCluster, i = 1;
            contiguous = true;
            for (; i < after && contiguous && status == FlashStatus.Ok; i++)
            {
                status = ReadFat(cluster, out uint next);
                contiguous = next == cluster + 1;
                cluster = next;
            }
        }
        if (status != FlashStatus.Ok) return status;
        if (!contiguous) return Relocate(ref file, after, length, valid);
        status = ChangeData(ref file, after == 0 ? 0 : file.FirstCluster, after != 0, length, valid);
        return status == FlashStatus.Ok ? FreeAfterBarrier(old, after) : status;
    }

    /// <summary>A copy in other clusters takes the place of the file's.</summary>
    private FlashStatus Relocate(ref FileNode node, uint after, ulong length, ulong valid)
    {
        FileNode old = node;
        FlashStatus status = Duplicate(node, after, valid, out uint first, out bool contiguous);
        if (status == FlashStatus.Ok) status = Barrier();
        if (status == FlashStatus.Ok) status = ChangeData(ref node, first, contiguous, length, valid);
        return status == FlashStatus.Ok ? FreeAfterBarrier(old, 0) : status;
    }

    /// <summary>Copies what is valid into new clusters. What follows in a folder becomes zeros.</summary>
    /// <param name="count">Clusters of the copy.</param>
    private FlashStatus Duplicate(in FileNode node, uint count, ulong valid, out uint first, out bool contiguous)
    {
        FlashStatus status = Allocate(count, out first, out contiguous);
        if (status != FlashStatus.Ok) return status;
        FileNode copy = new() { FirstCluster = first, IsContiguous = contiguous };
        uint used = (uint)_geometry.Clusters(Math.Min(node.Length, valid)), from = node.FirstCluster, to = first;
        if (!_directory.Store()) return DeviceFailed();
        for (uint i = 0; i < count && status == FlashStatus.Ok; i++)
        {
            if (i < used) status = Copy(from, to);
            else if (node.IsFolder) status = Zero(to);
            else break;
            if (status == FlashStatus.Ok && i + 1 < used) status = Step(node, from, out from);
            if (status == FlashStatus.Ok && i + 1 < count) status = Step(copy, to, out to);
        }
        return status;
    }

    private FlashStatus GrowFolder(ref FileNode folder)
    {
        uint before = (uint)(folder.Length / ClusterBytes);
        ulong length = folder.Length + ClusterBytes;
        if (length > MaxFolderBytes || _freeClusters == 0) return FlashStatus.NoSpace;
        if (folder.Position.Cluster != 0) return Grow(ref folder, before, before + 1, length, length);

        FlashStatus status = Locate(folder, before - 1, out uint last);
        uint added = 0;
        if (status == FlashStatus.Ok) status = Allocate(1, out added, out _);
        if (status == FlashStatus.Ok) status = Zero(added);
        if (status == FlashStatus.Ok) status = WriteFat(added, EndOfChain);
        if (status == FlashStatus.Ok) status = Barrier();
        if (status == FlashStatus.Ok) status = WriteFat(last, added);
        if (status != FlashStatus.Ok) return status;
        _root.Length = _root.ValidLength = length;
        _root.Epoch = ++_epoch;
        folder = _root;
        ForgetWalk();
        return FlashStatus.Ok;
    }

    /// <summary>Gives back clusters that nothing refers to any more, once that has reached the flash.</summary>
    private FlashStatus FreeAfterBarrier(in FileNode old, uint from)
    {
        uint to = (uint)_geometry.Clusters(old.Length);
        if (to == from) return FlashStatus.Ok;
        FlashStatus status = Barrier();
        if (status == FlashStatus.Ok && old.IsFolder) status = ZeroFolder(old, to);
        return status == FlashStatus.Ok ? Free(old, from, to) : status;
    }

    /// <summary>So that an old node doesn't find its entry set in a folder that is gone.</summary>
    private FlashStatus ZeroFolder(in FileNode old, uint clusters)
    {
        FlashStatus status = FlashStatus.Ok;
        uint cluster = old.FirstCluster;
        for (uint i = 0; i < clusters && status == FlashStatus.Ok; i++)
        {
            status = Zero(cluster);
            if (status == FlashStatus.Ok && i + 1 < clusters) status = Step(old, cluster, out cluster);
        }
        return status;
    }

    private FlashStatus IsRunFree(uint first, uint count, out bool free)
    {
        free = true;
        for (uint i = 0; i < count && free; i++)
        {
            if (!IsFileCluster(first + i))
            {
                free = false;
                break;
            }
            FlashStatus status = ReadBit(first + i, out bool allocated);
            if (status != FlashStatus.Ok) return status;
            free = !allocated;
        }
        return FlashStatus.Ok;
    }

    /// <summary>Writes the FAT for clusters that follow each other.</summary>
    private FlashStatus Chain(uint first, uint count, uint next)
    {
        FlashStatus status = FlashStatus.Ok;
        for (uint i = 0; i < count && status == FlashStatus.Ok; i++) status = WriteFat(first + i, i + 1 < count ? first + i + 1 : next);
        return status;
    }

    private FlashStatus Zero(uint cluster)
    {
        if (!_directory.Store()) return DeviceFailed();
        _directory.Drop(); // it may have a sector of this cluster
        return _device.TryZero(_geometry.Sector(cluster), _geometry.ClusterSectors) ? FlashStatus.Ok : DeviceFailed();
    }

    private FlashStatus Copy(uint from, uint to)
    {
        ulong source = _geometry.Sector(from), target = _geometry.Sector(to);
        for (uint done = 0; done < _geometry.ClusterSectors;)
        {
            int n = Math.Min(_buffer.Length / BlockDevice.SectorBytes, (int)(_geometry.ClusterSectors - done));
            if (!_device.TryRead(source + done, Sectors(n)) || !_device.TryWrite(target + done, Sectors(n))) return DeviceFailed();
            done += (uint)n;
        }
        return FlashStatus.Ok;
    }
}
