using System;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>Where profiles' files are found by name: <see cref="MediumFiles"/>, <see cref="FlashFiles"/>.</summary>
public abstract class ProfileFiles
{
    /// <summary>Opens a file of a profile's folder. False if there is none.</summary>
    public abstract bool TryOpen(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file, GuestFile into);
}
