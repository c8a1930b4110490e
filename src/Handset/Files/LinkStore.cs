using Pocketvisor.Flash;
using Pocketvisor.Link;

namespace Pocketvisor.Handsets;

/// <summary>The flash of a handset that is on, by way of its keeper.</summary>
/// <param name="link">Belongs to the caller.</param>
public sealed class LinkStore(LinkClient link) : HandsetStore
{
    private readonly Queue<long> _underWay = new(); // ends of frames that the keeper has not reported
    private LinkStream? _transfer, _file;

    /// <inheritdoc/>
    public override Task<StoreContents> ListAsync(CancellationToken cancellation = default) => link.StoreAsync(cancellation);

    /// <inheritdoc/>
    public override Task RemoveAsync(string profile, CancellationToken cancellation = default) => link.RemoveAsync(LinkStored.Profile, profile, cancellation);

    /// <inheritdoc/>
    public override Task RemoveUnfinishedAsync(string profile, CancellationToken cancellation = default) => link.RemoveAsync(LinkStored.Unfinished, profile, cancellation);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Close();
        _transfer?.Dispose();
        return ValueTask.CompletedTask;
    }

    internal override Task<IReadOnlyList<StoredFile>> FilesAsync(string profile, StoredKind kind, CancellationToken cancellation) =>
        link.FilesAsync(kind == StoredKind.Unfinished ? LinkStored.Unfinished : LinkStored.Profile, profile, cancellation);

    internal override Task BeginPushAsync(string profile, bool replace, CancellationToken cancellation) => link.PushBeginAsync(Begin(), profile, replace, cancellation);

    internal override Task DropAsync(string file, CancellationToken cancellation) => link.PushDropAsync(file, cancellation);

    internal override Task<long> PushFileAsync(string file, long length, bool anew, CancellationToken cancellation) =>
        link.PushFileAsync(Open(), file, length, anew, cancellation);

    internal override async Task WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        await WaitForRoomAsync(cancellation).ConfigureAwait(false);
        await link.PushDataAsync(_file!, offset, block, cancellation).ConfigureAwait(false);
        _underWay.Enqueue(offset + block.Length);
    }

    internal override async Task WriteZerosAsync(long offset, long count, CancellationToken cancellation)
    {
        for (var end = offset + count; offset < end;)
        {
            var piece = (uint)Math.Min(end - offset, LinkProtocol.MaxZeros);
            await WaitForRoomAsync(cancellation).ConfigureAwait(false);
            await link.PushZerosAsync(_file!, offset, piece, cancellation).ConfigureAwait(false);
            offset += piece;
            _underWay.Enqueue(offset);
        }
    }

    internal override async Task EndPushFileAsync(byte[] digest, CancellationToken cancellation)
    {
        // Not before all of it is there: what failed, the keeper has said under the file's id.
        while (_underWay.Count > 0)
            Reported(await _file!.ReadAsync(cancellation).ConfigureAwait(false));
        await link.PushFileEndAsync(digest, cancellation).ConfigureAwait(false);
        Close();
    }

    internal override Task CommitPushAsync(CancellationToken cancellation) => link.PushCommitAsync(cancellation);

    internal override Task BeginPullAsync(string profile, CancellationToken cancellation) => link.PullBeginAsync(Begin(), profile, cancellation);

    internal override Task<long> PullFileAsync(string file, CancellationToken cancellation) => link.PullFileAsync(Open(), file, cancellation);

    internal override Task<byte[]> PrefixAsync(long bytes, CancellationToken cancellation) => link.PrefixAsync(bytes, cancellation);

    internal override async Task<byte[]> ReadAsync(BlockSink sink, CancellationToken cancellation)
    {
        await link.CreditAsync(_file!, LinkProtocol.FileWindow, cancellation).ConfigureAwait(false);
        for (var got = 1u; ; got++)
        {
            var (type, payload) = await _file!.ReadAsync(cancellation).ConfigureAwait(false);
            switch (type)
            {
                case LinkFrameType.Data when payload.Length > 8:
                    sink.Data((long)LittleEndian.ReadU64(payload, 0), payload.AsSpan(8));
                    break;
                case LinkFrameType.Zeros when payload.Length == 16:
                    sink.Zeros((long)LittleEndian.ReadU64(payload, 0), (long)LittleEndian.ReadU64(payload, 8));
                    break;
                case LinkFrameType.FileEnd when payload.Length == Digest.Bytes:
                    Close();
                    return payload;
                default:
                    throw LinkClient.Misunderstood();
            }
            if (got % LinkProtocol.FileReport == 0)
                await link.CreditAsync(_file, LinkProtocol.FileReport, cancellation).ConfigureAwait(false);
        }
    }

    internal override async Task LeaveAsync()
    {
        Close();
        if (_transfer is null)
            return; // The link was lost before anything began.
        try
        {
            await link.LeaveAsync(_transfer, CancellationToken.None).ConfigureAwait(false);
        }
        catch (HandsetException)
        {
            // The link is lost, and with it the keeper's patience.
        }
    }

    private LinkStream Begin()
    {
        _transfer?.Dispose();
        return _transfer = link.Open(LinkStream.MostOfFile);
    }

    private LinkStream Open()
    {
        Close();
        return _file = link.Open(LinkStream.MostOfFile);
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
        _underWay.Clear();
    }

    private async Task WaitForRoomAsync(CancellationToken cancellation)
    {
        while (_file!.TryRead(out var frame))
            Reported(frame);
        while (_underWay.Count >= LinkProtocol.FileWindow)
            Reported(await _file.ReadAsync(cancellation).ConfigureAwait(false));
    }

    private void Reported((LinkFrameType Type, byte[] Payload) frame)
    {
        if (frame.Type != LinkFrameType.Received || frame.Payload.Length != 8)
            throw LinkClient.Misunderstood();
        var there = LittleEndian.ReadU64(frame.Payload, 0);
        while (_underWay.Count > 0 && (ulong)_underWay.Peek() <= there)
            _underWay.Dequeue();
    }
}
