using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Diagnostics;

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

    public override bool TryMap(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file, Extent[] extents, out int count, Text error)
    {
        count = 0;
        if (!TryFind(profile, file, out FileNode node)) return Refuse(error, file, "is not in the profile's folder"u8);

        // What lies beyond the valid length is somebody else's old data: it becomes zeros before a guest can read it.
        FlashStatus status = node.ValidLength < node.Length ? _volume.MakeValid(ref node, node.Length) : FlashStatus.Ok;
        if (status == FlashStatus.Ok) status = _volume.GetExtents(node, extents, out count);
        if (status == FlashStatus.TooFragmented) return Refuse(error, file, "lies in too many pieces; copy it anew: pocket pull, then pocket push --replace"u8);
        if (status != FlashStatus.Ok) return Refuse(error, file, "cannot be read from the flash"u8);
        Cut(extents, ref count, node.Length / BlockDevice.SectorBytes);
        return count != 0 || Refuse(error, file, "is empty"u8);
    }

    // A file ends inside its last cluster; the disk ends with the file.
    private static void Cut(Extent[] extents, ref int count, ulong sectors)
    {
        for (int i = 0; i < count; i++)
        {
            if (extents[i].Sectors < sectors)
            {
                sectors -= extents[i].Sectors;
                continue;
            }
            extents[i] = new Extent(extents[i].Sector, sectors);
            count = sectors == 0 ? i : i + 1;
        }
    }

    private static bool Refuse(Text error, ReadOnlySpan<byte> file, ReadOnlySpan<byte> why)
    {
        error.Add("disks: \""u8).Add(file).Add("\" "u8).Add(why);
        return false;
    }

    /// <summary>A file, not a folder.</summary>
    public bool TryFind(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file, out FileNode node)
    {
        node = default;
        return _volume.Find(_volume.Root, profile, out FileNode folder) == FlashStatus.Ok && folder.IsFolder
            && _volume.Find(folder, file, out node) == FlashStatus.Ok && !node.IsFolder;
    }
}
