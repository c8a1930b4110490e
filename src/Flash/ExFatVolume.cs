using System;

namespace Pocketvisor.Flash;

/// <summary>An exFAT volume that fills a device.</summary>
public sealed class ExFatVolume
{
    private readonly BlockDevice _device;

    public ExFatVolume(BlockDevice device) => _device = device;

    /// <summary>One sentence in UTF-8: why the last call was <see cref="FlashStatus.NotExFat"/> or <see cref="FlashStatus.Damaged"/>.</summary>
    public ReadOnlySpan<byte> Problem => default;

    /// <summary>"VolumeDirty" was set at mount: the volume was not put away properly.</summary>
    public bool WasDirty { get; private set; }

    public ulong FreeBytes => 0;

    public ulong TotalBytes => 0;

    public uint ClusterBytes => 0;

    public FileNode Root => default;

    /// <summary>The name of what <see cref="Next"/> found, in UTF-8. Valid until the next call.</summary>
    public ReadOnlySpan<byte> LastName => default;

    /// <summary>Checks everything that the volume will rely on. May be called again.</summary>
    public FlashStatus Mount() => _device.Sectors == 0 ? FlashStatus.NotExFat : FlashStatus.NotExFat;

    public FlashStatus Find(in FileNode folder, ReadOnlySpan<byte> utf8Name, out FileNode node)
    {
        node = default;
        return FlashStatus.NotExFat;
    }

    /// <summary>The next file or folder; <see cref="FlashStatus.NotFound"/> at the end.</summary>
    public FlashStatus Next(ref FolderCursor cursor, out FileNode node)
    {
        node = default;
        return FlashStatus.NotExFat;
    }

    public FlashStatus CreateFile(in FileNode folder, ReadOnlySpan<byte> name, ulong length, out FileNode node)
    {
        node = default;
        return FlashStatus.NotExFat;
    }

    public FlashStatus CreateFolder(in FileNode folder, ReadOnlySpan<byte> name, out FileNode node)
    {
        node = default;
        return FlashStatus.NotExFat;
    }

    public FlashStatus Read(in FileNode file, ulong offset, Span<byte> data) => FlashStatus.NotExFat;

    public FlashStatus Write(ref FileNode file, ulong offset, ReadOnlySpan<byte> data) => FlashStatus.NotExFat;

    public FlashStatus SetLength(ref FileNode file, ulong length) => FlashStatus.NotExFat;

    public FlashStatus MakeValid(ref FileNode file, ulong validLength) => FlashStatus.NotExFat;

    public FlashStatus Delete(in FileNode node) => FlashStatus.NotExFat;

    public FlashStatus Rename(ref FileNode node, in FileNode folder, ReadOnlySpan<byte> name) => FlashStatus.NotExFat;

    public FlashStatus GetExtents(in FileNode file, Span<Extent> extents, out int count)
    {
        count = 0;
        return FlashStatus.NotExFat;
    }

    public FlashStatus Flush() => FlashStatus.NotExFat;
}
