using System;

namespace Pocketvisor.Flash;

// Where entry sets are put, and how they come and go.
//
// A sector is the most that is written at once. So a set of ours never crosses a sector's end, and appears, changes and disappears in one
// write. An entry is left free between sets: with it a rename to a name that needs one entry more fits into the same sector.
//
//   │ A A A · B B B B · C C C · · · · │ D D D · …     · free
//
// Sets that others wrote may cross. Their lengths change in two writes if the sector ends between their first two entries; deleting them
// takes the first sector first.
public sealed partial class ExFatVolume
{
    private const int EntriesPerSector = BlockDevice.SectorBytes / EntrySet.EntryBytes;
    private const byte Unused = EntrySet.File & ~EntrySet.InUse;

    /// <summary>Longer names can be read only: their entry sets cross a sector.</summary>
    private const int MaxNewName = (EntriesPerSector - 2) * 15;

    /// <summary>A place in a folder for a set, in one sector. The folder grows if need be.</summary>
    /// <param name="count">Entries.</param>
    private FlashStatus FindSlot(ref FileNode folder, int count, out uint slot)
    {
        slot = 0;
        uint end = uint.MaxValue; // where the end of the folder is marked, once that has been passed
        for (uint offset = 0; ; offset += BlockDevice.SectorBytes)
        {
            FlashStatus status = offset < folder.Length ? FlashStatus.Ok : GrowFolder(ref folder);
            if (status == FlashStatus.Ok) status = LoadEntry(folder, offset, out _);
            if (status != FlashStatus.Ok) return status;
            if (end != uint.MaxValue)
            {
                slot = offset;
                status = CheckEnded(folder, offset);
                return status == FlashStatus.Ok ? MoveEnd(folder, end) : status;
            }

            int at = FindRoom(_directory.Bytes, count, spare: true, out int marked);
            if (at >= 0)
            {
                slot = offset + (uint)at * EntrySet.EntryBytes;
                return marked < EntriesPerSector ? CheckEnded(folder, offset + BlockDevice.SectorBytes) : FlashStatus.Ok;
            }
            if (marked < EntriesPerSector) end = offset + (uint)marked * EntrySet.EntryBytes;
        }
    }

    /// <param name="spare">Leave a free entry before, unless the sector begins there, and one after.</param>
    /// <param name="end">The entry that marks the folder's end, or as many as there are.</param>
    /// <returns>The first entry of the place, or -1.</returns>
    private static int FindRoom(ReadOnlySpan<byte> sector, int count, bool spare, out int end)
    {
        end = EntriesPerSector;
        int need = spare ? Math.Min(count + 1, EntriesPerSector) : count, from = 0;
        for (int i = 0; i < EntriesPerSector; i++)
        {
            byte type = sector[i * EntrySet.EntryBytes];
            if (type == 0)
            {
                end = i;
                break;
            }
            if ((type & EntrySet.InUse) != 0)
            {
                from = spare ? i + 2 : i + 1;
                continue;
            }
            if (i + 1 - from >= need) return from;
        }
        return end < EntriesPerSector && EntriesPerSector - from >= need ? from : -1;
    }

    /// <summary>After a folder's end nothing may come to life again when the end moves.</summary>
    private FlashStatus CheckEnded(in FileNode folder, uint offset)
    {
        if (offset >= folder.Length) return FlashStatus.Ok;
        FlashStatus status = LoadEntry(folder, offset, out int at);
        if (status != FlashStatus.Ok) return status;
        return _directory.Bytes[at] == 0 ? FlashStatus.Ok : Damaged("A folder goes on after its end."u8);
    }

    /// <summary>From its mark to the end of the sector; the set in the next one comes after that.</summary>
    private FlashStatus MoveEnd(in FileNode folder, uint end)
    {
        FlashStatus status = LoadEntry(folder, end, out int at);
        if (status != FlashStatus.Ok) return status;
        FillUnused(_directory.Change(), at, BlockDevice.SectorBytes);
        return Barrier();
    }

    private static void FillUnused(Span<byte> sector, int from, int to)
    {
        for (int at = from; at < to; at += EntrySet.EntryBytes)
        {
            sector.Slice(at, EntrySet.EntryBytes).Clear();
            sector[at] = Unused;
        }
    }

    /// <summary>Writes <see cref="_set"/> into its place, in one sector.</summary>
    private FlashStatus PlaceSet(in FileNode folder, uint slot, out FileNode node)
    {
        node = default;
        FlashStatus status = PositionOf(folder, slot, out EntryPosition position);
        if (status != FlashStatus.Ok) return status;
        status = LoadEntry(ref position, out int at);
        if (status != FlashStatus.Ok) return status;
        PutSet(_directory.Change(), at);
        if (!_directory.Store()) return DeviceFailed();
        _epoch++;
        return ReadNode(position, out node);
    }

    private void PutSet(Span<byte> sector, int at)
    {
        int end = 0, after = at + _set.Bytes.Length;
        while (end < BlockDevice.SectorBytes && sector[end] != 0) end += EntrySet.EntryBytes;
        if (end < after)
        {
            FillUnused(sector, Math.Min(end, at), at);
            sector.Slice(after).Clear();
        }
        _set.Bytes.CopyTo(sector.Slice(at));
    }

    /// <summary>Writes what a set says about its file's data, into the set and the node.</summary>
    private FlashStatus ChangeData(ref FileNode node, uint first, bool contiguous, ulong length, ulong valid)
    {
        FileNode current = node;
        FlashStatus status = LoadSet(ref current);
        if (status != FlashStatus.Ok) return status;
        _set.SetData(first, contiguous, length, valid, Timestamp);
        EntryPosition position = node.Position;
        for (int i = 0; i < 2; i++)
        {
            status = LoadEntry(ref position, out int at);
            if (status != FlashStatus.Ok) return status;
            _set.Entry(i).CopyTo(_directory.Change().Slice(at));
            position.Offset += EntrySet.EntryBytes;
        }
        if (!_directory.Store()) return DeviceFailed();
        _epoch++;
        return ReadNode(node.Position, out node);
    }

    /// <summary>Marks the entries of a node as unused.</summary>
    private FlashStatus RemoveSet(in FileNode node)
    {
        FileNode current = node;
        FlashStatus status = LoadSet(ref current);
        if (status != FlashStatus.Ok) return status;
        EntryPosition position = node.Position;
        for (int i = 0; i < _set.Count; i++)
        {
            if (i > 0 && position.Offset % BlockDevice.SectorBytes == 0) status = Barrier();
            int at = 0;
            if (status == FlashStatus.Ok) status = LoadEntry(ref position, out at);
            if (status != FlashStatus.Ok) return status;
            _directory.Change()[at] &= EntrySet.InUse - 1;
            position.Offset += EntrySet.EntryBytes;
        }
        _epoch++;
        return _directory.Store() ? FlashStatus.Ok : DeviceFailed();
    }
}
