using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Storage;

/// <summary>
/// The profiles on a handset, for commands: straight on its flash while it is off, by way of its hub while it is up.
/// </summary>
/// <param name="handset">The handset's name.</param>
public abstract class HandsetProfiles(string handset) : IAsyncDisposable
{
    /// <summary>The handset's name.</summary>
    public string Handset => handset;

    /// <summary>Whether the handset is up.</summary>
    public abstract bool IsUp { get; }

    /// <summary>Opens a handset's flash; nobody else may open it until this is disposed, unless the handset is up.</summary>
    /// <exception cref="UserException">There is no such handset, or its flash is in use or damaged.</exception>
    public static async Task<HandsetProfiles> OpenAsync(Repository repository, string name, CancellationToken cancellation)
    {
        var handset = StoredHandset.Load(repository, name);
        var state = new RunState(repository, name);
        using var hub = await state.TryConnectAsync(cancellation);
        return hub is not null ? new HubProfiles(state) : new ImageProfiles(handset);
    }

    /// <summary>What is there.</summary>
    public abstract Task<StoreContents> ListAsync(CancellationToken cancellation);

    /// <summary>A profile's files.</summary>
    public abstract Task<IReadOnlyList<StoredFile>> FilesAsync(string profile, CancellationToken cancellation);

    /// <summary>The text of a profile's manifest. The profile must be off.</summary>
    public abstract Task<string> ManifestAsync(string profile, CancellationToken cancellation);

    /// <summary>Copies a profile to the handset.</summary>
    public abstract Task PushAsync(string profile, string folder, IReadOnlyList<string> files, bool replace, IProgress<TransferProgress> progress, CancellationToken cancellation);

    /// <summary>Copies a profile that is off into a new folder <paramref name="into"/>/<paramref name="profile"/>.</summary>
    public abstract Task PullAsync(string profile, string into, IProgress<TransferProgress> progress, CancellationToken cancellation);

    /// <summary>Removes a profile that is off, or what an interrupted push left of one.</summary>
    public abstract Task RemoveAsync(string profile, bool unfinished, CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>A profile's state, in a word.</summary>
    public static string State(StoredProfile profile) => profile switch { { IsUnfinished: true } => "incomplete", { IsRunning: true } => "running", _ => "off" };

    /// <summary>Finds a profile on the handset.</summary>
    /// <exception cref="UserException">It isn't there; the message lists what is.</exception>
    public async Task<StoredProfile> FindAsync(string profile, CancellationToken cancellation)
    {
        var contents = await ListAsync(cancellation);
        return contents.Profiles.FirstOrDefault(each => each.Name == profile && !each.IsUnfinished)
            ?? contents.Profiles.FirstOrDefault(each => each.Name == profile)
            ?? throw new UserException(
                $"There is no profile \"{profile}\" on {handset}; {(contents.Profiles.Count > 0 ? $"it has {string.Join(", ", contents.Profiles.Select(each => each.Name).Distinct())}." : "there is none at all: bring one with `pocket push`.")}", ExitCodes.Usage);
    }

    /// <summary>Finds a profile that is complete and off.</summary>
    /// <param name="profile">Its name.</param>
    /// <param name="purpose">What for, for errors: "copied".</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="UserException">It isn't there, incomplete, or it runs.</exception>
    public async Task<StoredProfile> FindOffAsync(string profile, string purpose, CancellationToken cancellation) => await FindAsync(profile, cancellation) switch
    {
        { IsRunning: true } => throw new UserException($"{profile} runs on {handset} and can't be {purpose} meanwhile; stop it with `pocket stop {profile}`.", ExitCodes.WrongState),
        { IsUnfinished: true } => throw new UserException($"{profile} on {handset} is incomplete, because a push was interrupted; repeat the push, or remove it with `pocket profile remove {profile} --on {handset}`."),
        var found => found,
    };
}
