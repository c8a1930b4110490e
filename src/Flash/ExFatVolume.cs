using System;

namespace Pocketvisor.Flash;

/// <summary>
/// An exFAT volume that fills a device. Microsoft's "exFAT file system specification" is what all of it follows. Nothing on the volume is
/// trusted: what contradicts itself is <see cref="FlashStatus.Damaged"/>, is not followed, and ends all changes until the next mount.
/// </summary>
/// <remarks>
/// Changes are ordered so that a loss of power at any moment leaves old files alone: docs/flash.md, "The order of writes". For one caller at a time.
/// </remarks>
public sealed partial class ExFatVolume
{
    private readonly BlockDevice _device;
    private readonly SectorCache _fat, _bitmap, _directory;
    private readonly byte[] _buffer = new byte[8 * BlockDevice.SectorBytes]; // for pieces of sectors, and to copy
    private readonly byte[] _utf8 = new byte[Name.MaxLength * 3];
    private readonly byte[] _problem = new byte[128];
    private readonly UpcaseTable _upcase = new();
    private readonly EntrySet _set = new();
    private readonly Name _wanted = new();

    private Geometry _geometry;
    private FileNode _root;
    private FlashStatus _usable = FlashStatus.NotExFat, _changeable = FlashStatus.NotExFat;
    private uint _freeClusters;
    private int _nameLength, _problemLength;

    public ExFatVolume(BlockDevice device)
    {
        _device = device;
        _fat = new SectorCache(device);
        _bitmap = new SectorCache(device);
        _directory = new SectorCache(device);
    }

    /// <summary>One sentence in UTF-8: why a call was <see cref="FlashStatus.NotExFat"/>, <see cref="FlashStatus.Damaged"/> or <see cref="FlashStatus.DeviceFailed"/>.</summary>
    public ReadOnlySpan<byte> Problem => new(_problem, 0, _problemLength);

    /// <summary>"VolumeDirty" was set at mount: the volume was not put away properly. It stays set, for a PC's check to find lost clusters.</summary>
    public bool WasDirty { get; private set; }

    public ulong FreeBytes => (ulong)_freeClusters * ClusterBytes;

    public ulong TotalBytes => (ulong)_geometry.ClusterCount * ClusterBytes;

    public uint ClusterBytes => _geometry.ClusterBytes;

    public FileNode Root => _root;

    /// <summary>The date of new and changed files: MS-DOS's format, in UTC. The specification, "Timestamp Fields".</summary>
    public uint Timestamp { get; set; } = 1 << 21 | 1 << 16; // 1 January 1980, the first one there is

    /// <summary>The name of what <see cref="Next"/> found, in UTF-8. Valid until the next call.</summary>
    public ReadOnlySpan<byte> LastName => new(_utf8, 0, _nameLength);

    /// <summary>Everything that was done before survives a loss of power.</summary>
    public FlashStatus Flush()
    {
        if (_changeable != FlashStatus.Ok) return _changeable;
        FlashStatus status = SettleLength();
        if (status == FlashStatus.Ok) status = Barrier();
        return status == FlashStatus.Ok ? MarkClean() : status;
    }

    private FlashStatus Damaged(ReadOnlySpan<byte> sentence)
    {
        Refuse(FlashStatus.Damaged, sentence);
        return FlashStatus.Damaged;
    }

    /// <summary>What is in memory may be ahead of the device, so nothing works until the next mount.</summary>
    private FlashStatus DeviceFailed()
    {
        _usable = FlashStatus.DeviceFailed;
        Refuse(FlashStatus.DeviceFailed, "The device failed to read or write."u8);
        return FlashStatus.DeviceFailed;
    }

    /// <summary>Ends all changes: what the caches hold may belong to half of one, and is forgotten.</summary>
    private void Refuse(FlashStatus status, ReadOnlySpan<byte> sentence)
    {
        _problemLength = Math.Min(sentence.Length, _problem.Length);
        sentence.Slice(0, _problemLength).CopyTo(_problem);
        _changeable = status;
        _fat.Drop();
        _bitmap.Drop();
        _directory.Drop();
        ForgetWalk();
        _unsettled = default;
    }

    /// <summary>All before it reaches the flash before anything after it.</summary>
    private FlashStatus Barrier() =>
        _fat.Store() && _bitmap.Store() && _directory.Store() && _device.TryFlush() ? FlashStatus.Ok : DeviceFailed();
}
