using System;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

/// <summary>What the PC may ask of the keeper. All calls come from <see cref="LinkServer.Poll"/>, on its core; none may wait.</summary>
public abstract class LinkHandler
{
    /// <summary>Slots for profiles, which may be empty; the profiles' indices are below this.</summary>
    public abstract int ProfileCount { get; }

    /// <summary>Nanoseconds since power-on.</summary>
    public abstract ulong Now { get; }

    /// <summary>A key for the next session, which no profile can guess.</summary>
    public abstract uint NewKey();

    /// <summary>Fills in everything but the version.</summary>
    public abstract void Hello(LinkHelloReply reply);

    /// <summary>Fills in everything but the index.</summary>
    /// <returns>False if the slot is empty.</returns>
    public abstract bool TryDescribe(int profile, LinkProfileRecord record);

    public abstract void Owners(LinkOwnersReply reply);

    /// <summary>Starts a profile that is off.</summary>
    /// <param name="profile">Below <see cref="ProfileCount"/>; the same for all that follow.</param>
    /// <param name="reason">Empty; what is written here the user reads, and where nothing is, a sentence for the status.</param>
    public abstract LinkStatus Start(int profile, Text reason);

    public abstract LinkStatus Stop(int profile, bool force, Text reason);

    public abstract LinkStatus Restart(int profile, bool force, Text reason);

    public abstract LinkStatus Shutdown(bool force, Text reason);

    public abstract void Input(int profile, ReadOnlySpan<byte> bytes);

    /// <summary>The terminal at the profile's console has this size, which stays when the profile starts anew.</summary>
    /// <param name="columns">Not 0, and neither is the other.</param>
    public abstract void Resize(int profile, int columns, int rows);
}
