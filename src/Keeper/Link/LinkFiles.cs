using System;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

/// <summary>
/// The requests about profiles on the flash. All calls come from <see cref="LinkServer.Poll"/>, on its core; none may take longer than a
/// few milliseconds.
/// </summary>
public abstract class LinkFiles
{
    /// <summary>Whether a request is about the flash.</summary>
    public static bool Has(LinkFrameType request) => request is >= LinkFrameType.Store and <= LinkFrameType.Leave or LinkFrameType.Credit;

    /// <summary>Whether there is something to <see cref="Step"/>.</summary>
    public abstract bool IsBusy { get; }

    /// <summary>Takes a request. What can't be done at once is done in steps.</summary>
    public abstract void Take(LinkFrame request, LinkAnswers answers);

    /// <summary>One more step of what takes longer.</summary>
    public abstract void Step(LinkAnswers answers);

    /// <summary>The next frame of a file that the PC pulls; empty if there is none, or the PC can't take one. It stays the next one until <see cref="FrameSent"/>.</summary>
    public abstract Span<byte> NextFrame(LinkAnswers answers);

    public abstract void FrameSent();

    /// <summary>The PC has gone, or another one has come: transfers end where they are.</summary>
    public abstract void Forget();
}
