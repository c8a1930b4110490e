using Pocketvisor.Link;

namespace Pocketvisor.Handsets;

/// <content>Its profiles: starting, stopping, waiting for them.</content>
public sealed partial class Handset
{
    /// <summary>Names of the profiles, in the order in which they start.</summary>
    public IReadOnlyList<string> ProfileNames => _profiles.Names;

    /// <summary>A profile's number on the handset.</summary>
    /// <exception cref="HandsetException">There is none of this name; the message lists those that there are.</exception>
    public int Index(string profile) => _profiles.Index(profile);

    /// <summary>A profile's console.</summary>
    public ProfileConsole Console(string profile) => _profiles.Console(profile);

    /// <summary>Every profile's status.</summary>
    public Task<ProfileList> ListAsync(CancellationToken cancellation = default) => Link.ListAsync(cancellation);

    /// <summary>One profile's status.</summary>
    public async Task<ProfileStatus> StatusAsync(string profile, CancellationToken cancellation = default)
    {
        var index = Index(profile);
        return (await Link.ListAsync(cancellation).ConfigureAwait(false)).Profiles.FirstOrDefault(status => status.Index == index)
            ?? throw new HandsetException($"{profile} is not on the handset any more.");
    }

    /// <summary>Sums over the owner table.</summary>
    public Task<OwnerTable> OwnersAsync(CancellationToken cancellation = default) => Link.OwnersAsync(cancellation);

    /// <summary>Starts a profile that is off, and waits until it runs or has run (not until its system has booted: wait for its console).</summary>
    /// <exception cref="HandsetException">The keeper refused, or the profile failed.</exception>
    public async Task StartAsync(string profile, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        await Link.StartProfileAsync(Index(profile), cancellation).ConfigureAwait(false);
        // The keeper has set Starting before it answered: who is off now, has ended already.
        var state = await WaitForStateAsync(profile, [LinkProfileState.Running, LinkProfileState.Failed, LinkProfileState.Off], timeout, cancellation).ConfigureAwait(false);
        if (state.State == LinkProfileState.Failed)
            throw new HandsetException($"{profile} did not start: {await ReasonAsync(profile).ConfigureAwait(false)}; see `pocket logs`.");
    }

    /// <summary>
    /// Stops a profile: presses its power button and waits until it is off. After <paramref name="patience"/> its VM is destroyed; with
    /// <paramref name="force"/> at once.
    /// </summary>
    /// <returns>True if it went by itself, false if it had to be destroyed.</returns>
    public async Task<bool> StopAsync(string profile, bool force = false, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        LinkProfileState[] ended = [LinkProfileState.Off, LinkProfileState.Failed];
        if (!force)
        {
            await Link.StopProfileAsync(Index(profile), force: false, cancellation).ConfigureAwait(false);
            try
            {
                await WaitForStateAsync(profile, ended, patience ?? TimeSpan.FromSeconds(20), cancellation).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException)
            {
                // It doesn't listen to its power button.
            }
        }
        await Link.StopProfileAsync(Index(profile), force: true, cancellation).ConfigureAwait(false);
        await WaitForStateAsync(profile, ended, TimeSpan.FromSeconds(20), cancellation).ConfigureAwait(false);
        return false;
    }

    /// <summary>Stops a profile (see <see cref="StopAsync"/>) if it runs, and starts it.</summary>
    public async Task RestartAsync(string profile, bool force = false, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        if ((await StatusAsync(profile, cancellation).ConfigureAwait(false)).State is not (LinkProfileState.Off or LinkProfileState.Failed))
            await StopAsync(profile, force, patience, cancellation).ConfigureAwait(false);
        await StartAsync(profile, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits until a profile is in one of some states.</summary>
    /// <exception cref="TimeoutException">It wasn't, within <paramref name="timeout"/> (default 30 s).</exception>
    public async Task<ProfileStatus> WaitForStateAsync(
        string profile, IReadOnlyCollection<LinkProfileState> states, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(30);
        var start = DateTime.UtcNow;
        while (true)
        {
            // By asking, not by events: an answer is true now, whatever events are still under way.
            var status = await StatusAsync(profile, cancellation).ConfigureAwait(false);
            if (states.Contains(status.State))
                return status;
            if (DateTime.UtcNow - start > limit)
                throw new TimeoutException($"{profile} is {status.State.ToString().ToLowerInvariant()}, and not {string.Join(" or ", states).ToLowerInvariant()} after {limit.TotalSeconds:0} s.");
            await Task.Delay(100, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The last change of a profile's state that the keeper told, or null if there was none since the PC connected.</summary>
    public StateChange? LastChange(string profile) => _profiles.LastChange(profile);

    private async Task<string> ReasonAsync(string profile)
    {
        await Task.Delay(100).ConfigureAwait(false); // The event may be just behind the answer.
        return LastChange(profile)?.Reason is { Length: > 0 } reason ? reason : "the keeper gave no reason";
    }
}
