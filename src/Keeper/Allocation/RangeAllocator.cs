using System;

namespace Pocketvisor.Keeper.Allocation;

/// <summary>
/// Hands out contiguous ranges of memory, first fit, in multiples of one granule. Free ranges are kept sorted and never touch
/// each other, so freeing everything gives back what there was.
/// </summary>
public sealed class RangeAllocator
{
    private readonly ulong[] _start, _end; // of each free range, ascending; _end[i] < _start[i + 1]
    private readonly ulong _granule;
    private int _count;

    /// <param name="granule">Bytes; a power of two.</param>
    /// <param name="capacity">Free ranges at most: one more than the ranges in use, and one for each bank of memory.</param>
    public RangeAllocator(ulong granule, int capacity)
    {
        _granule = granule;
        _start = new ulong[capacity];
        _end = new ulong[capacity];
    }

    /// <summary>Bytes that are free.</summary>
    public ulong Free
    {
        get
        {
            ulong sum = 0;
            for (int i = 0; i < _count; i++) sum += _end[i] - _start[i];
            return sum;
        }
    }

    /// <summary>Bytes of the largest free range.</summary>
    public ulong Largest
    {
        get
        {
            ulong largest = 0;
            for (int i = 0; i < _count; i++) largest = Math.Max(largest, _end[i] - _start[i]);
            return largest;
        }
    }

    /// <summary>Takes the lowest free range that is large enough. False if there is none.</summary>
    public bool TryAllocate(ulong size, out ulong address)
    {
        size = Up(size);
        address = 0;
        if (size == 0) return false;
        for (int i = 0; i < _count; i++)
        {
            if (_end[i] - _start[i] < size) continue;
            address = _start[i];
            _start[i] += size;
            if (_start[i] == _end[i]) RemoveAt(i);
            return true;
        }
        return false;
    }

    /// <summary>
    /// Makes a range free: given back, or new. Only whole granules inside it count. False if it overlaps what is free
    /// already or there is no room to note it; then nothing changed.
    /// </summary>
    public bool TryRelease(ulong address, ulong size)
    {
        ulong start = Up(address), end = (address + size) & ~(_granule - 1);
        if (end <= start) return size == 0 || start >= address;
        int at = 0;
        while (at < _count && _start[at] < start) at++;
        bool joinsBelow = at > 0 && _end[at - 1] == start, joinsAbove = at < _count && _start[at] == end;
        if (at > 0 && _end[at - 1] > start || at < _count && _start[at] < end) return false;
        if (joinsBelow && joinsAbove)
        {
            _end[at - 1] = _end[at];
            RemoveAt(at);
        }
        else if (joinsBelow) _end[at - 1] = end;
        else if (joinsAbove) _start[at] = start;
        else
        {
            if (_count == _start.Length) return false;
            for (int i = _count; i > at; i--)
            {
                _start[i] = _start[i - 1];
                _end[i] = _end[i - 1];
            }
            _start[at] = start;
            _end[at] = end;
            _count++;
        }
        return true;
    }

    private ulong Up(ulong value) => (value + _granule - 1) & ~(_granule - 1);

    private void RemoveAt(int index)
    {
        _count--;
        for (int i = index; i < _count; i++)
        {
            _start[i] = _start[i + 1];
            _end[i] = _end[i + 1];
        }
    }
}
