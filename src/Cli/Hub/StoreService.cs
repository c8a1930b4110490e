using System.Threading.Channels;
using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Hub;

/// <summary>Serves what other commands want of the profiles on the flash of a handset that is up: one after the other.</summary>
/// <param name="open">Gives the flash, by way of the link, which a restart of the handset makes anew.</param>
public sealed class StoreService(Func<HandsetStore> open)
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Answers what takes one reply.</summary>
    /// <exception cref="HandsetException">The keeper refused.</exception>
    public async Task<ControlReply> AnswerAsync(ControlRequest request, CancellationToken cancellation)
    {
        var profile = request.Profile ?? "";
        await _one.WaitAsync(cancellation);
        await using var store = open();
        try
        {
            switch (request.Verb)
            {
                case ControlVerb.Store:
                    return new ControlReply(Store: await store.ListAsync(cancellation));
                case ControlVerb.Files:
                    return new ControlReply(Files: await store.FilesAsync(profile, cancellation));
                case ControlVerb.Manifest:
                    return new ControlReply(Message: await store.ReadManifestAsync(profile, cancellation));
                case ControlVerb.Remove when request.Force:
                    await store.RemoveUnfinishedAsync(profile, cancellation);
                    return new ControlReply();
                case ControlVerb.Remove:
                    await store.RemoveAsync(profile, cancellation);
                    return new ControlReply();
                default:
                    throw new ArgumentOutOfRangeException(nameof(request), request.Verb, "no question about the flash");
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Runs a transfer and tells how it goes, until it is done or the other end has gone.</summary>
    /// <exception cref="HandsetException">The keeper refused, or a file can't be read or written.</exception>
    public async Task TransferAsync(LineSocket connection, ControlRequest request, CancellationToken cancellation)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = WatchAsync(connection, leaving);
        var reports = Channel.CreateBounded<TransferProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var transfer = RunAsync(request, new Reports(reports.Writer), leaving.Token).ContinueWith(
            done =>
            {
                reports.Writer.Complete();
                return done;
            }, TaskScheduler.Default).Unwrap();
        try
        {
            await foreach (var report in reports.Reader.ReadAllAsync(CancellationToken.None))
                await connection.SendAsync(new ControlReply(Progress: report), leaving.Token);
            await transfer;
            await connection.SendAsync(new ControlReply(), leaving.Token);
        }
        finally
        {
            await leaving.CancelAsync();
            await Task.WhenAny(transfer);
            await watching;
        }
    }

    private async Task RunAsync(ControlRequest request, IProgress<TransferProgress> progress, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        await using var store = open();
        try
        {
            if (request.Verb == ControlVerb.Push)
                await store.PushAsync(request.Profile ?? "", request.Folder ?? "", request.Files ?? [], request.Force, progress, cancellation);
            else
                await store.PullAsync(request.Profile ?? "", request.Folder ?? "", progress, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HandsetException($"{e.Message} Put that right and run this again.");
        }
        finally
        {
            _one.Release();
        }
    }

    // The other end sends nothing more: when reading ends, it has gone.
    private static async Task WatchAsync(LineSocket connection, CancellationTokenSource leaving)
    {
        try
        {
            while (await connection.Stream.ReadAsync(new byte[1], leaving.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It has gone, or we are done.
        }
        await leaving.CancelAsync();
    }

    private sealed class Reports(ChannelWriter<TransferProgress> writer) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => writer.TryWrite(value);
    }
}
