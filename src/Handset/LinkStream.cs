using System.Threading.Channels;
using Pocketvisor.Link;

namespace Pocketvisor.Handsets;

/// <summary>Frames from the keeper that belong to one request, which has more than one of them for an answer.</summary>
internal sealed class LinkStream : IDisposable
{
    /// <summary>More than a keeper may send of a file before it hears of us again.</summary>
    public const int MostOfFile = 4 * LinkProtocol.FileWindow;

    /// <summary>More than there are profiles on a flash, or files in a profile.</summary>
    public const int MostEntries = 10_000;

    private readonly LinkClient _link;
    private readonly Channel<(LinkFrameType Type, byte[] Payload)> _frames;

    /// <param name="link">The link.</param>
    /// <param name="id">The request.</param>
    /// <param name="most">Frames that may wait here; a keeper that sends more is refused.</param>
    public LinkStream(LinkClient link, ushort id, int most)
    {
        (_link, Id) = (link, id);
        _frames = Channel.CreateBounded<(LinkFrameType, byte[])>(most);
    }

    public ushort Id { get; }

    /// <summary>On the thread that reads.</summary>
    public void Add(LinkFrame frame)
    {
        if (!_frames.Writer.TryWrite((frame.Type, frame.Payload.ToArray())))
            _frames.Writer.TryComplete(LinkClient.Misunderstood());
    }

    public void Close() => _frames.Writer.TryComplete(_link.LinkLost());

    /// <summary>The next frame if one is there.</summary>
    /// <exception cref="HandsetException">It is the keeper's "no".</exception>
    public bool TryRead(out (LinkFrameType Type, byte[] Payload) frame) =>
        _frames.Reader.TryRead(out frame) && (LinkClient.Refusal(frame.Type, frame.Payload) is { } refusal ? throw refusal : true);

    /// <summary>The next frame.</summary>
    /// <exception cref="HandsetException">It is the keeper's "no", or none comes.</exception>
    public async ValueTask<(LinkFrameType Type, byte[] Payload)> ReadAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_link.AnswerTimeout);
        try
        {
            var frame = await _frames.Reader.ReadAsync(limit.Token).ConfigureAwait(false);
            return LinkClient.Refusal(frame.Type, frame.Payload) is { } refusal ? throw refusal : frame;
        }
        catch (ChannelClosedException e)
        {
            throw e.InnerException ?? _link.LinkLost();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw _link.NoAnswer();
        }
    }

    public void Dispose() => _link.Forget(this);
}
