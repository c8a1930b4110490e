using System;

namespace Pocketvisor.Flash;

// Creating, deleting and renaming.
public sealed partial class ExFatVolume
{
    /// <summary>Its space is allocated, in one piece if there is one. It reads as zeros.</summary>
    public FlashStatus CreateFile(in FileNode folder, ReadOnlySpan<byte> name, ulong length, out FileNode node) =>
        Create(folder, name, isFolder: false, length, out node);

    public FlashStatus CreateFolder(in FileNode folder, ReadOnlySpan<byte> name, out FileNode node) =>
        Create(folder, name, isFolder: true, ClusterBytes, out node);

    /// <summary>A file, or an empty folder.</summary>
    public FlashStatus Delete(in FileNode node)
    {
        FileNode old = node;
        FlashStatus status = Renew(ref old);
        if (status == FlashStatus.Ok) status = CheckClusters(old);
        if (status != FlashStatus.Ok) return status;
        if (old.Position.Cluster == 0) return FlashStatus.WrongKind;
        if (old.IsFolder)
        {
            uint offset = 0;
            status = NextSet(old, ref offset, out _);
            if (status != FlashStatus.NotFound) return status == FlashStatus.Ok ? FlashStatus.NotEmpty : status;
        }

        status = BeginChange();
        if (status == FlashStatus.Ok) status = RemoveSet(old);
        return status == FlashStatus.Ok ? FreeAfterBarrier(old, 0) : status;
    }

    /// <summary>
    /// Gives another name, for a file also in another folder. A cut leaves the old name or the new one. Only if the new entries don't fit into the
    /// sector of the old ones may it leave both: of a file as two files, of a folder as two names of one, which the next mount mends if it is in the root.
    /// </summary>
    public FlashStatus Rename(ref FileNode node, in FileNode folder, ReadOnlySpan<byte> name)
    {
        FileNode target = folder;
        FlashStatus status = OpenFolder(ref target);
        if (status == FlashStatus.Ok) status = Renew(ref node);
        if (status != FlashStatus.Ok) return status;
        if (node.Position.Cluster == 0) return FlashStatus.WrongKind;
        if (!_wanted.TryDecode(name) || _wanted.Length > MaxNewName) return FlashStatus.BadName;
        status = FindWanted(target, out FileNode other);
        if (status == FlashStatus.Ok && !IsSame(node, other)) return FlashStatus.Exists;
        if (status is not (FlashStatus.Ok or FlashStatus.NotFound)) return status;
        status = FindIn(target, node, out bool here, out uint offset);
        if (status != FlashStatus.Ok) return status;
        if (!here && node.IsFolder) return FlashStatus.WrongKind; // it might move into itself
        if (!node.IsFolder) status = CheckClusters(node); // they may have to be copied
        if (status != FlashStatus.Ok) return status;

        status = BeginChange();
        if (status == FlashStatus.Ok && here)
        {
            status = RenameInSector(ref node, target, offset, out bool done);
            if (done) return status;
        }
        return status == FlashStatus.Ok ? Move(ref node, target, here, offset) : status;
    }

    private FlashStatus Create(in FileNode folder, ReadOnlySpan<byte> name, bool isFolder, ulong length, out FileNode node)
    {
        FileNode target = folder; // first: the node may be the same variable
        node = default;
        FlashStatus status = OpenFolder(ref target);
        if (status != FlashStatus.Ok) return status;
        if (!_wanted.TryDecode(name) || _wanted.Length > MaxNewName) return FlashStatus.BadName;
        status = FindWanted(target, out _);
        if (status != FlashStatus.NotFound) return status == FlashStatus.Ok ? FlashStatus.Exists : status;
        ulong clusters = _geometry.Clusters(length);
        if (clusters > _freeClusters) return FlashStatus.NoSpace;

        status = BeginChange();
        uint slot = 0, first = 0;
        bool contiguous = false;
        if (status == FlashStatus.Ok) status = FindSlot(ref target, 2 + EntrySet.NameEntries(_wanted.Length), out slot);
        if (status == FlashStatus.Ok && clusters > 0) status = Allocate((uint)clusters, out first, out contiguous);
        if (status == FlashStatus.Ok && isFolder) status = Zero(first);
        if (status == FlashStatus.Ok && clusters > 0) status = Barrier();
        if (status != FlashStatus.Ok) return status;
        _set.Create(_wanted, _wanted.Hash(_upcase), isFolder, Timestamp);
        _set.SetData(first, contiguous, length, isFolder ? length : 0, Timestamp);
        return PlaceSet(target, slot, out node);
    }

    /// <summary>Before every change.</summary>
    private FlashStatus BeginChange()
    {
        if (_changeable != FlashStatus.Ok) return _changeable;
        FlashStatus status = MarkDirty();
        return status == FlashStatus.Ok ? SettleLength() : status;
    }

    /// <summary>Whether a node's entries are in this folder, and how far from its start.</summary>
    private FlashStatus FindIn(in FileNode folder, in FileNode node, out bool here, out uint offset)
    {
        here = false;
        for (offset = 0; offset < folder.Length; offset += ClusterBytes)
        {
            FlashStatus status = Locate(folder, offset / ClusterBytes, out uint cluster);
            if (status != FlashStatus.Ok) return status;
            if (cluster != node.Position.Cluster) continue;
            here = true;
            offset += node.Position.Offset;
            break;
        }
        return FlashStatus.Ok;
    }

    /// <summary>The old entries go and the new ones come in one write, if there is room for them.</summary>
    private FlashStatus RenameInSector(ref FileNode node, in FileNode folder, uint offset, out bool done)
    {
        done = false;
        FlashStatus status = LoadNamed(node, out int before);
        int at = (int)(offset % BlockDevice.SectorBytes);
        if (status != FlashStatus.Ok || at + before * EntrySet.EntryBytes > BlockDevice.SectorBytes) return status;
        status = LoadEntry(folder, offset, out _);
        if (status != FlashStatus.Ok) return status;

        Span<byte> sector = Sectors(1);
        _directory.Bytes.CopyTo(sector);
        FillUnused(sector, at, at + before * EntrySet.EntryBytes);
        int room = FindRoom(sector, _set.Count, spare: false, out int end);
        if (room < 0) return FlashStatus.Ok;
        if (end < EntriesPerSector) status = CheckEnded(folder, offset - (uint)at + BlockDevice.SectorBytes);
        if (status == FlashStatus.Ok) status = LoadEntry(folder, offset, out _);
        if (status != FlashStatus.Ok) return status;
        done = true;
        FillUnused(_directory.Change(), at, at + before * EntrySet.EntryBytes);
        return PlaceSet(folder, offset - (uint)at + (uint)room * EntrySet.EntryBytes, out node);
    }

    /// <summary>
    /// A second set first, then the old one goes. In between the file is there twice, so each has its own copy of the clusters. A folder's can't
    /// be doubled: what is in it would still have two owners. See <see cref="MendNames"/>.
    /// </summary>
    /// <param name="here">The old one lies in this folder too, at this offset.</param>
    private FlashStatus Move(ref FileNode node, FileNode folder, bool here, uint offset)
    {
        FlashStatus status = LoadNamed(node, out _);
        if (status != FlashStatus.Ok) return status;
        if (_set.Count > EntriesPerSector) return FlashStatus.BadName;
        status = FindSlot(ref folder, _set.Count, out uint slot);
        if (status == FlashStatus.Ok && here)
        {
            // The folder may have grown, and moved.
            status = PositionOf(folder, offset, out EntryPosition position);
            node.Position = position;
        }
        FileNode old = node;
        uint first = node.FirstCluster;
        bool contiguous = node.IsContiguous, copied = !node.IsFolder && node.Length > 0;
        if (status == FlashStatus.Ok && copied) status = Duplicate(node, (uint)_geometry.Clusters(node.Length), node.ValidLength, out first, out contiguous);
        if (status == FlashStatus.Ok && copied) status = Barrier();
        if (status == FlashStatus.Ok) status = LoadNamed(node, out _);
        if (status != FlashStatus.Ok) return status;
        _set.SetData(first, contiguous, node.Length, node.ValidLength, Timestamp);
        status = PlaceSet(folder, slot, out node);
        if (status == FlashStatus.Ok) status = Barrier();
        if (status == FlashStatus.Ok) status = RemoveSet(old);
        if (status == FlashStatus.Ok && copied) status = FreeAfterBarrier(old, 0);
        return status == FlashStatus.Ok ? Renew(ref node) : status;
    }

    /// <summary>
    /// A folder of the root with two names is the middle of <see cref="Move"/>. One has to go before anybody deletes what is in the folder
    /// under the other. Deeper folders are not looked through for it.
    /// </summary>
    private FlashStatus MendNames()
    {
        for (uint offset = 0; _changeable == FlashStatus.Ok;)
        {
            if (NextSet(_root, ref offset, out FileNode first) != FlashStatus.Ok) break;
            if (!first.IsFolder || first.Length == 0) continue;
            for (uint rest = offset; NextSet(_root, ref rest, out FileNode second) == FlashStatus.Ok;)
            {
                if (!second.IsFolder || second.FirstCluster != first.FirstCluster) continue;
                FlashStatus status = BeginChange();
                if (status == FlashStatus.Ok) status = RemoveSet(second);
                if (status == FlashStatus.Ok) status = Barrier();
                if (status != FlashStatus.Ok) return status;
                break;
            }
        }
        return _usable; // what is damaged here is told where it is looked up
    }

    /// <summary>The set of a node, with the wanted name.</summary>
    /// <param name="before">Its entries with the old name.</param>
    private FlashStatus LoadNamed(in FileNode node, out int before)
    {
        before = 0;
        FileNode current = node;
        FlashStatus status = LoadSet(ref current);
        if (status != FlashStatus.Ok) return status;
        before = _set.Count;
        return _set.Rename(_wanted, _wanted.Hash(_upcase)) ? FlashStatus.Ok : FlashStatus.BadName;
    }

    private static bool IsSame(in FileNode a, in FileNode b) => a.Position.Cluster == b.Position.Cluster && a.Position.Offset == b.Position.Offset;
}
