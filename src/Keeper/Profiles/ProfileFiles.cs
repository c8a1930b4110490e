using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Diagnostics;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>Where profiles' files are found by name: <see cref="MediumFiles"/>, <see cref="FlashFiles"/>.</summary>
public abstract class ProfileFiles
{
    /// <summary>Opens a file of a profile's folder. False if there is none.</summary>
    public abstract bool TryOpen(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file, GuestFile into);

    /// <summary>Finds out where on the flash a disk's sectors are.</summary>
    /// <param name="error">If there is no such disk: a sentence that says why.</param>
    public virtual bool TryMap(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file, Extent[] extents, out int count, Text error)
    {
        count = 0;
        error.Add("disks: \""u8).Add(file).Add("\" must be on the flash"u8);
        return false;
    }
}
