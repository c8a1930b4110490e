using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>
/// Where on the flash a disk's sectors are. The extents stay in the caller's array; of every few of them we note which of the disk's
/// sectors is their first, so that a look-up is a binary search and a few steps, however fragmented the file is.
/// </summary>
public sealed class DiskExtents
{
    private const int Marks = 64;

    private readonly ulong[] _marks = new ulong[Marks]; // the first sector of extents 0, _stride, 2 · _stride …
    private Extent[] _extents;
    private int _count, _stride;

    /// <summary>Of the disk.</summary>
    public ulong Sectors { get; private set; }

    /// <param name="extents">This object's until the next call; null for no disk.</param>
    /// <param name="limit">Sectors of the flash.</param>
    /// <returns>False if one is not on the flash, or all together are absurdly large.</returns>
    public bool TrySet(Extent[] extents, int count, ulong limit)
    {
        _extents = extents;
        _count = count;
        _stride = (count + Marks - 1) / Marks;
        Sectors = 0;
        for (int i = 0; i < count; i++)
        {
            if (i % _stride == 0) _marks[i / _stride] = Sectors;
            ref readonly Extent extent = ref extents[i];
            if (extent.Sector > limit || extent.Sectors > limit - extent.Sector || Sectors + extent.Sectors < Sectors)
            {
                _count = 0;
                Sectors = 0;
                return false;
            }

            Sectors += extent.Sectors;
        }

        return true;
    }

    /// <summary>Where a sector of the disk is.</summary>
    /// <param name="sector">Below <see cref="Sectors"/>.</param>
    /// <param name="run">How many sectors from there on follow each other on the flash.</param>
    /// <returns>The flash's sector.</returns>
    public ulong Find(ulong sector, out ulong run)
    {
        int low = 0, high = (_count - 1) / _stride; // the last mark that is not behind the sector
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_marks[middle] <= sector) low = middle;
            else high = middle - 1;
        }

        ulong offset = sector - _marks[low];
        int i = low * _stride;
        for (; offset >= _extents[i].Sectors; i++) offset -= _extents[i].Sectors;
        run = _extents[i].Sectors - offset;
        return _extents[i].Sector + offset;
    }
}
