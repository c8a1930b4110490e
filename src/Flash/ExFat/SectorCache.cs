using System;

namespace Pocketvisor.Flash;

/// <summary>One sector of the device, written back when another one takes its place or at <see cref="Store"/>.</summary>
internal sealed class SectorCache
{
    private const ulong Nothing = ulong.MaxValue;

    private readonly BlockDevice _device;
    private readonly byte[] _bytes = new byte[BlockDevice.SectorBytes];
    private ulong _sector = Nothing;
    private bool _changed;

    public SectorCache(BlockDevice device) => _device = device;

    /// <summary>The sector that was loaded last.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool Load(ulong sector)
    {
        if (sector == _sector) return true;
        if (!Store()) return false;
        _sector = Nothing;
        if (!_device.TryRead(sector, _bytes)) return false;
        _sector = sector;
        return true;
    }

    /// <summary>The loaded sector, to be changed.</summary>
    public Span<byte> Change()
    {
        _changed = true;
        return _bytes;
    }

    /// <summary>Writes the sector if it was changed.</summary>
    public bool Store()
    {
        if (!_changed) return true;
        _changed = false;
        return _device.TryWrite(_sector, _bytes);
    }

    /// <summary>Forgets the sector and its changes.</summary>
    public void Drop()
    {
        _changed = false;
        _sector = Nothing;
    }
}
