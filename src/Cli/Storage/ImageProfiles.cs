using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Storage;

/// <summary>The profiles on a handset that is off.</summary>
public sealed class ImageProfiles : HandsetProfiles
{
    private readonly ImageStore _store;

    /// <summary>Opens the handset's flash.</summary>
    /// <exception cref="UserException">It is in use.</exception>
    /// <exception cref="HandsetException">It is damaged.</exception>
    public ImageProfiles(StoredHandset handset)
        : base(handset.Name)
    {
        FlashImage.Lock(handset.FlashPath).Dispose(); // Its sentences are better; the store has a lock of its own.
        _store = ImageStore.Open(handset.FlashPath);
    }

    /// <summary>The store, for what only goes while the handset is off.</summary>
    public HandsetStore Store => _store;

    /// <inheritdoc/>
    public override bool IsUp => false;

    /// <inheritdoc/>
    public override Task<StoreContents> ListAsync(CancellationToken cancellation) => _store.ListAsync(cancellation);

    /// <inheritdoc/>
    public override Task<IReadOnlyList<StoredFile>> FilesAsync(string profile, CancellationToken cancellation) => _store.FilesAsync(profile, cancellation);

    /// <inheritdoc/>
    public override Task<string> ManifestAsync(string profile, CancellationToken cancellation) => _store.ReadManifestAsync(profile, cancellation);

    /// <inheritdoc/>
    public override Task PushAsync(string profile, string folder, IReadOnlyList<string> files, bool replace, IProgress<TransferProgress> progress, CancellationToken cancellation) =>
        _store.PushAsync(profile, folder, files, replace, progress, cancellation);

    /// <inheritdoc/>
    public override Task PullAsync(string profile, string into, IProgress<TransferProgress> progress, CancellationToken cancellation) =>
        _store.PullAsync(profile, into, progress, cancellation);

    /// <inheritdoc/>
    public override Task RemoveAsync(string profile, bool unfinished, CancellationToken cancellation) =>
        unfinished ? _store.RemoveUnfinishedAsync(profile, cancellation) : _store.RemoveAsync(profile, cancellation);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _store.DisposeAsync();
}
