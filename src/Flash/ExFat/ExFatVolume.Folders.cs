using System;

namespace Pocketvisor.Flash;

// Folders and the entry sets in them.
public sealed partial class ExFatVolume
{
    private ulong _epoch; // counts changes, so that nodes know their age

    /// <summary>
    /// The next file or folder; <see cref="FlashStatus.NotFound"/> at the end. After <see cref="FlashStatus.Damaged"/> the cursor is behind
    /// what is damaged, if the folder itself isn't.
    /// </summary>
    public FlashStatus Next(ref FolderCursor cursor, out FileNode node)
    {
        node = default;
        _nameLength = 0;
        FileNode folder = cursor.Folder;
        FlashStatus status = OpenFolder(ref folder);
        if (status != FlashStatus.Ok) return status;
        cursor.Folder = folder;
        status = NextSet(folder, ref cursor.Offset, out node);
        if (status == FlashStatus.Ok) _nameLength = _set.Name.Encode(_utf8);
        return status;
    }

    public FlashStatus Find(in FileNode folder, ReadOnlySpan<byte> utf8Name, out FileNode node)
    {
        FileNode opened = folder; // first: the node may be the same variable
        node = default;
        FlashStatus status = OpenFolder(ref opened);
        if (status != FlashStatus.Ok) return status;
        return _wanted.TryDecode(utf8Name) ? FindWanted(opened, out node) : FlashStatus.BadName;
    }

    /// <summary>Something damaged beside it doesn't matter to what is found.</summary>
    private FlashStatus FindWanted(in FileNode folder, out FileNode node)
    {
        FlashStatus atEnd = FlashStatus.NotFound;
        ushort hash = _wanted.Hash(_upcase);
        for (uint offset = 0; ;)
        {
            uint before = offset;
            FlashStatus status = NextSet(folder, ref offset, out node);
            if (status == FlashStatus.NotFound) return atEnd;
            if (status == FlashStatus.Ok && node.NameHash == hash && _set.Name.Equals(_wanted, _upcase)) return FlashStatus.Ok;
            if (status == FlashStatus.Damaged) atEnd = status;
            if (status == FlashStatus.DeviceFailed || offset == before) return status;
        }
    }

    /// <summary>Renews the node of a folder and checks its clusters.</summary>
    private FlashStatus OpenFolder(ref FileNode folder)
    {
        FlashStatus status = Renew(ref folder);
        if (status != FlashStatus.Ok) return status;
        return folder.IsFolder ? CheckClusters(folder) : FlashStatus.WrongKind;
    }

    /// <summary>The same for a file.</summary>
    private FlashStatus OpenFile(ref FileNode file)
    {
        FlashStatus status = Renew(ref file);
        if (status != FlashStatus.Ok) return status;
        return file.IsFolder ? FlashStatus.WrongKind : CheckClusters(file);
    }

    /// <summary>Brings a node up to date that is older than the last change.</summary>
    private FlashStatus Renew(ref FileNode node)
    {
        if (_usable != FlashStatus.Ok) return _usable;
        if (node.Epoch == _epoch) return FlashStatus.Ok;
        if (node.Position.Cluster == 0)
        {
            if (!node.IsFolder) return FlashStatus.NotFound;
            node = _root;
            return FlashStatus.Ok;
        }

        FileNode old = node;
        FlashStatus status = LoadSet(ref node);
        if (status != FlashStatus.Ok) return status;
        bool same = node.NameHash == old.NameHash && node.IsFolder == old.IsFolder &&
            (node.FirstCluster == old.FirstCluster || old.FirstCluster == 0 || node.FirstCluster == 0 || node.IsFolder);
        return same ? FlashStatus.Ok : FlashStatus.NotFound;
    }

    /// <summary>Reads the entry set of a node again, from where it was.</summary>
    /// <returns>NotFound if there is none any more.</returns>
    private FlashStatus LoadSet(ref FileNode node)
    {
        EntryPosition position = node.Position;
        if (!IsFileCluster(position.Cluster)) return FlashStatus.NotFound;
        FlashStatus status = LoadEntry(ref position, out int at);
        if (status != FlashStatus.Ok) return status;
        if (_directory.Bytes[at] != EntrySet.File) return FlashStatus.NotFound;
        _set.Begin(_directory.Bytes.Slice(at, EntrySet.EntryBytes));
        for (int i = 1; i < _set.Count; i++)
        {
            position.Offset += EntrySet.EntryBytes;
            status = LoadEntry(ref position, out at);
            if (status != FlashStatus.Ok) return status;
            _directory.Bytes.Slice(at, EntrySet.EntryBytes).CopyTo(_set.Entry(i));
        }
        return ReadNode(node.Position, out node);
    }

    /// <summary>Loads the sector of an entry, and puts the position right if it ran over the end of its cluster.</summary>
    private FlashStatus LoadEntry(ref EntryPosition position, out int at)
    {
        at = 0;
        if (position.Offset >= ClusterBytes)
        {
            uint next = position.Cluster + 1;
            FlashStatus status = position.IsContiguous ? FlashStatus.Ok : ReadFat(position.Cluster, out next);
            if (status != FlashStatus.Ok) return status;
            if (!IsFileCluster(next)) return Damaged("A folder's clusters lead out of the volume."u8);
            position.Cluster = next;
            position.Offset -= ClusterBytes;
        }
        at = (int)(position.Offset % BlockDevice.SectorBytes);
        return _directory.Load(SectorOf(position)) ? FlashStatus.Ok : DeviceFailed();
    }

    private ulong SectorOf(in EntryPosition position) => _geometry.Sector(position.Cluster) + position.Offset / BlockDevice.SectorBytes;

    private FlashStatus LoadEntry(in FileNode folder, uint offset, out int at)
    {
        at = 0;
        FlashStatus status = PositionOf(folder, offset, out EntryPosition position);
        return status == FlashStatus.Ok ? LoadEntry(ref position, out at) : status;
    }

    private FlashStatus PositionOf(in FileNode folder, uint offset, out EntryPosition position)
    {
        FlashStatus status = Locate(folder, offset / ClusterBytes, out uint cluster);
        position = new EntryPosition { Cluster = cluster, Offset = offset % ClusterBytes, IsContiguous = folder.IsContiguous };
        return status;
    }

    /// <summary>Goes on to the next entry set, into <see cref="_set"/>, and past it. A damaged one is passed by its first entry only.</summary>
    private FlashStatus NextSet(in FileNode folder, ref uint offset, out FileNode node)
    {
        node = default;
        while (offset < folder.Length)
        {
            FlashStatus status = LoadEntry(folder, offset, out int at);
            if (status != FlashStatus.Ok) return status;
            byte type = _directory.Bytes[at];
            if (type == 0) return FlashStatus.NotFound;
            if (type == EntrySet.File) return ReadSet(folder, ref offset, at, out node);
            offset += EntrySet.EntryBytes;

            // Not in use; benign, or a secondary entry whose file is gone; or the root's own, checked at mount.
            if ((type & EntrySet.InUse) == 0 || (type & 0x60) != 0) continue;
            if (folder.Position.Cluster == 0 && type is AllocationBitmap or Upcase or 0x83) continue;
            return Damaged("A folder has a directory entry of an unknown kind."u8);
        }
        return FlashStatus.NotFound;
    }

    private FlashStatus ReadSet(in FileNode folder, ref uint offset, int at, out FileNode node)
    {
        node = default;
        uint start = offset;
        offset += EntrySet.EntryBytes;
        _set.Begin(_directory.Bytes.Slice(at, EntrySet.EntryBytes));
        FlashStatus status = PositionOf(folder, start, out EntryPosition position);
        if (status != FlashStatus.Ok) return status;
        for (int i = 1; i < _set.Count; i++)
        {
            uint entry = start + (uint)i * EntrySet.EntryBytes;
            if (entry >= folder.Length) return Damaged("A file's directory entries end with the folder."u8);
            status = LoadEntry(folder, entry, out at);
            if (status != FlashStatus.Ok) return status;
            _directory.Bytes.Slice(at, EntrySet.EntryBytes).CopyTo(_set.Entry(i));
        }
        status = ReadNode(position, out node);
        if (status == FlashStatus.Ok) offset = start + (uint)_set.Count * EntrySet.EntryBytes;
        return status;
    }

    /// <summary>Checks <see cref="_set"/> and makes a node of it.</summary>
    private FlashStatus ReadNode(in EntryPosition position, out FileNode node)
    {
        node = default;
        ReadOnlySpan<byte> wrong = _set.Check(_upcase);
        if (wrong.Length > 0) return Damaged(wrong);
        ulong length = _set.Length, clusters = _geometry.Clusters(length);
        uint first = _set.FirstCluster;
        if (!_set.MayHaveClusters && (first != 0 || length != 0)) return Damaged("A file has clusters though it may not."u8);
        if (_set.ValidLength > length) return Damaged("A file has more valid bytes than bytes."u8);
        if (clusters > _geometry.ClusterCount) return Damaged("A file is longer than the volume."u8);
        if (length == 0 ? first != 0 : !IsFileCluster(first)) return Damaged("A file's first cluster is wrong."u8);
        if (_set.IsContiguous && first + clusters > Geometry.FirstCluster + (ulong)_geometry.ClusterCount) return Damaged("A file's clusters lead out of the volume."u8);
        if (_set.IsFolder && (length % ClusterBytes != 0 || length != _set.ValidLength || length > Math.Max(MaxFolderBytes, ClusterBytes)))
            return Damaged("A folder has a wrong length."u8);

        node = new FileNode
        {
            Length = length,
            ValidLength = _set.ValidLength,
            IsFolder = _set.IsFolder,
            FirstCluster = first,
            IsContiguous = _set.IsContiguous && length != 0,
            Position = position,
            NameHash = _set.NameHash,
            Epoch = _epoch,
        };
        if (_unsettled.Position.Cluster == position.Cluster && _unsettled.Position.Offset == position.Offset && position.Cluster != 0)
            node.ValidLength = Math.Max(node.ValidLength, _unsettled.ValidLength);
        return FlashStatus.Ok;
    }
}
