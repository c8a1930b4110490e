using Pocketvisor.Flash;

namespace Pocketvisor.Handsets;

/// <summary>
/// The profiles on a handset's flash, whether it is on (<see cref="LinkStore"/>) or off (<see cref="ImageStore"/>). One transfer at a time.
/// </summary>
public abstract class HandsetStore : IAsyncDisposable
{
    /// <summary>What is there.</summary>
    /// <exception cref="HandsetException">The flash can't be read.</exception>
    public abstract Task<StoreContents> ListAsync(CancellationToken cancellation = default);

    /// <summary>The files of a profile.</summary>
    /// <exception cref="HandsetException">There is no such profile.</exception>
    public Task<IReadOnlyList<StoredFile>> FilesAsync(string profile, CancellationToken cancellation = default) => FilesAsync(profile, StoredKind.Profile, cancellation);

    /// <summary>
    /// Copies a profile to the handset, where it appears when all of it is there. An interrupted push goes on where it was when it is repeated.
    /// </summary>
    /// <param name="profile">Its name on the handset.</param>
    /// <param name="folder">Where its files are.</param>
    /// <param name="files">Their names; <c>profile.json</c> is one.</param>
    /// <param name="replace">Whether it may take the place of one with the same name, which then must not run.</param>
    /// <param name="progress">Is told how it goes.</param>
    /// <param name="cancellation">Ends it; what has come stays there, to be continued.</param>
    /// <exception cref="HandsetException">The handset refused, or a file changed on its way.</exception>
    public Task PushAsync(string profile, string folder, IReadOnlyList<string> files, bool replace = false,
        IProgress<TransferProgress>? progress = null, CancellationToken cancellation = default) =>
        new ProfileUpload(this, profile, folder, files, progress).RunAsync(replace, cancellation);

    /// <summary>
    /// Copies a profile that doesn't run to the PC: a new folder <paramref name="intoFolder"/>/<paramref name="profile"/> appears when all of it is there.
    /// An interrupted pull goes on where it was when it is repeated.
    /// </summary>
    /// <exception cref="HandsetException">The handset refused, the folder is there already, or a file changed on its way.</exception>
    public Task PullAsync(string profile, string intoFolder, IProgress<TransferProgress>? progress = null, CancellationToken cancellation = default) =>
        new ProfileDownload(this, profile, intoFolder, progress).RunAsync(cancellation);

    /// <summary>Removes a profile that doesn't run.</summary>
    /// <exception cref="HandsetException">The handset refused.</exception>
    public abstract Task RemoveAsync(string profile, CancellationToken cancellation = default);

    /// <summary>Removes what an interrupted push has left.</summary>
    /// <exception cref="HandsetException">The handset refused.</exception>
    public abstract Task RemoveUnfinishedAsync(string profile, CancellationToken cancellation = default);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    // What a transfer is made of. Offsets and lengths are those of the file that is open; data comes and goes in blocks of
    // ContentDigest.BlockBytes at multiples of it, the last one of a file shorter.

    internal abstract Task<IReadOnlyList<StoredFile>> FilesAsync(string profile, StoredKind kind, CancellationToken cancellation);

    internal abstract Task BeginPushAsync(string profile, bool replace, CancellationToken cancellation);

    /// <summary>Deletes a file of an unfinished push.</summary>
    internal abstract Task DropAsync(string file, CancellationToken cancellation);

    /// <returns>How much of the file is there: whole blocks, or all.</returns>
    internal abstract Task<long> PushFileAsync(string file, long length, bool anew, CancellationToken cancellation);

    internal abstract Task WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellation);

    /// <summary>Whole blocks, or up to the end of the file.</summary>
    internal abstract Task WriteZerosAsync(long offset, long count, CancellationToken cancellation);

    internal abstract Task EndPushFileAsync(byte[] digest, CancellationToken cancellation);

    internal abstract Task CommitPushAsync(CancellationToken cancellation);

    internal abstract Task BeginPullAsync(string profile, CancellationToken cancellation);

    /// <returns>The file's length.</returns>
    internal abstract Task<long> PullFileAsync(string file, CancellationToken cancellation);

    /// <summary>The digest of the beginning of the open file, behind which the transfer goes on.</summary>
    internal abstract Task<byte[]> PrefixAsync(long bytes, CancellationToken cancellation);

    /// <summary>Reads the rest of the open file.</summary>
    /// <param name="sink">Gets what comes, in whatever order and amount the other side chooses.</param>
    /// <returns>The other side's digest of it.</returns>
    internal abstract Task<byte[]> ReadAsync(BlockSink sink, CancellationToken cancellation);

    /// <summary>Ends a pull, or a push that is to be continued later, if it has begun. Does nothing if the link is lost.</summary>
    internal abstract Task LeaveAsync();
}
