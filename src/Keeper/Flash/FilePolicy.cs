using System;

namespace Pocketvisor.Keeper.Flash;

/// <summary>What the rest of the keeper knows of the profiles whose files the PC wants.</summary>
public abstract class FilePolicy
{
    /// <summary>Wall-clock seconds since 1970, for the dates of files.</summary>
    public abstract uint Seconds { get; }

    /// <summary>Whether a profile's files are in use: it starts, runs or stops.</summary>
    public abstract bool IsRunning(ReadOnlySpan<byte> name);

    /// <summary>A profile came, went, or is another one now: to be loaded again. It is not held any more.</summary>
    public abstract void Changed(ReadOnlySpan<byte> name);
}
