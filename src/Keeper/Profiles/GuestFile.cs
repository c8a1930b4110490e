using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>A file of a profile that is loaded into its guest: on the flash, or on the boot medium in memory.</summary>
public sealed class GuestFile
{
    private ExFatVolume _volume; // null: on the boot medium
    private FileNode _node;
    private MemoryRange _range;

    /// <summary>Bytes; 0 for a file that the profile doesn't have.</summary>
    public ulong Size => _volume == null ? _range.Size : _node.Length;

    public void Open(MemoryRange range)
    {
        _volume = null;
        _range = range;
    }

    public void Open(ExFatVolume volume, in FileNode node)
    {
        _volume = volume;
        _node = node;
    }

    public void Close() => Open(default);

    /// <param name="offset">With the length of the destination inside the file.</param>
    /// <returns>False if the flash failed.</returns>
    public bool TryRead(ulong offset, Span<byte> destination)
    {
        if (_volume != null) return _volume.Read(_node, offset, destination) == FlashStatus.Ok;
        Memory.Copy(Memory.AddressOf(destination), _range.Start + offset, (ulong)destination.Length);
        return true;
    }
}
