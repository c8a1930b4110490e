using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>Files on the flash: <c>NAME/FILE</c> from its root.</summary>
public sealed class FlashFiles : ProfileFiles
{
    private readonly ExFatVolume _volume;

    public FlashFiles(ExFatVolume volume) => _volume = volume;

    public override bool TryOpen(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file, GuestFile into)
    {
        if (!TryFind(profile, file, out FileNode node)) return false;
        into.Open(_volume, node);
        return true;
    }

    /// <summary>A file, not a folder.</summary>
    public bool TryFind(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file, out FileNode node)
    {
        node = default;
        return _volume.Find(_volume.Root, profile, out FileNode folder) == FlashStatus.Ok && folder.IsFolder
            && _volume.Find(folder, file, out node) == FlashStatus.Ok && !node.IsFolder;
    }
}
