using Pocketvisor.Cli.Hub;
using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Storage;

/// <summary>The profiles on a handset that is up: its hub has the link.</summary>
public sealed class HubProfiles(RunState state) : HandsetProfiles(state.Handset)
{
    /// <inheritdoc/>
    public override bool IsUp => true;

    /// <inheritdoc/>
    public override async Task<StoreContents> ListAsync(CancellationToken cancellation) =>
        (await ControlClient.AskAsync(state, new ControlRequest(ControlVerb.Store), cancellation)).Store!;

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<StoredFile>> FilesAsync(string profile, CancellationToken cancellation) =>
        (await ControlClient.AskAsync(state, new ControlRequest(ControlVerb.Files, profile), cancellation)).Files!;

    /// <inheritdoc/>
    public override async Task<string> ManifestAsync(string profile, CancellationToken cancellation) =>
        (await ControlClient.AskAsync(state, new ControlRequest(ControlVerb.Manifest, profile), cancellation)).Message!;

    /// <inheritdoc/>
    public override Task PushAsync(string profile, string folder, IReadOnlyList<string> files, bool replace, IProgress<TransferProgress> progress, CancellationToken cancellation) =>
        ControlClient.TransferAsync(state, new ControlRequest(ControlVerb.Push, profile, replace, Folder: Path.GetFullPath(folder), Files: files), progress, cancellation);

    /// <inheritdoc/>
    public override Task PullAsync(string profile, string into, IProgress<TransferProgress> progress, CancellationToken cancellation) =>
        ControlClient.TransferAsync(state, new ControlRequest(ControlVerb.Pull, profile, Folder: Path.GetFullPath(into)), progress, cancellation);

    /// <inheritdoc/>
    public override Task RemoveAsync(string profile, bool unfinished, CancellationToken cancellation) =>
        ControlClient.AskAsync(state, new ControlRequest(ControlVerb.Remove, profile, Force: unfinished), cancellation);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
