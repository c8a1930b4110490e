using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Link;

namespace Pocketvisor.Handsets;

/// <summary>
/// The PC's end of the link: requests with answers, and events. Events are raised one after the other, in the order in which they came, on
/// the thread that reads; a handler must not wait for an answer.
/// </summary>
public sealed partial class LinkClient : IAsyncDisposable
{
    private const int InputChunk = 256;

    // The keeper answers at once; emulated, on a busy machine, within seconds.
    private static readonly TimeSpan DefaultAnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly Stream _stream;
    private readonly Dictionary<ushort, Pending> _pending = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private ushort _lastId;
    private Task _reading = Task.CompletedTask;
    private bool _closed;

    /// <summary>Takes a connected stream. Nothing is read before <see cref="Start"/>, so that events can be subscribed to.</summary>
    public LinkClient(Stream stream) => _stream = stream;

    /// <summary>Bytes that a profile's console said; valid during the call only.</summary>
    public event Action<int, ReadOnlyMemory<byte>>? Output;

    /// <summary>A line of the keeper's log.</summary>
    public event Action<string>? Log;

    /// <summary>A profile came into a state.</summary>
    public event Action<StateChange>? StateChanged;

    /// <summary>A profile came or went on the handset: ask <see cref="ListAsync"/> again.</summary>
    public event Action? ProfilesChanged;

    /// <summary>What those are told who ask when the link is down.</summary>
    public string WhyClosed { get; set; } = "The link to the handset is down: see `pocket logs`, then run `pocket up` again.";

    /// <summary>How long the keeper may take to answer.</summary>
    public TimeSpan AnswerTimeout { get; set; } = DefaultAnswerTimeout;

    /// <summary>Ends when the other end has closed the link.</summary>
    public Task Closed => _reading;

    /// <summary>Begins to read.</summary>
    public void Start() => _reading = Task.Run(ReadAsync);

    /// <summary>Asks for every profile's status.</summary>
    public async Task<ProfileList> ListAsync(CancellationToken cancellation = default)
    {
        var reply = await RequestAsync(LinkFrameType.List, LinkProtocol.Handset, default, LinkProfileRecord.First, cancellation).ConfigureAwait(false);
        List<ProfileStatus> profiles = [];
        for (var at = LinkProfileRecord.First; at + LinkProfileRecord.Bytes <= reply.Length; at += LinkProfileRecord.Bytes)
            profiles.Add(Status(reply.AsSpan(at)));
        return new ProfileList(Nanoseconds(LittleEndian.ReadU64(reply, 0)), profiles);
    }

    /// <summary>Asks for the sums over the owner table.</summary>
    public async Task<OwnerTable> OwnersAsync(CancellationToken cancellation = default)
    {
        var reply = await RequestAsync(LinkFrameType.Owners, LinkProtocol.Handset, default, LinkOwnersReply.Bytes, cancellation).ConfigureAwait(false);
        var owners = new LinkOwnersReply(reply);
        return new OwnerTable(owners.KeeperPages, owners.LentPages, owners.HypervisorPages, owners.FreePages, owners.Digest);
    }

    /// <summary>Asks for a profile to be started. Returns at acceptance; the outcome is a <see cref="StateChanged"/>.</summary>
    /// <exception cref="HandsetException">The keeper refused.</exception>
    public Task StartProfileAsync(int profile, CancellationToken cancellation = default) =>
        CommandAsync(LinkFrameType.Start, (ushort)profile, default, cancellation);

    /// <summary>Presses a profile's power button, or, with force, destroys its VM.</summary>
    /// <exception cref="HandsetException">The keeper refused.</exception>
    public Task StopProfileAsync(int profile, bool force, CancellationToken cancellation = default) =>
        CommandAsync(LinkFrameType.Stop, (ushort)profile, Force(force), cancellation);

    /// <summary>Stops a profile and starts it again.</summary>
    /// <exception cref="HandsetException">The keeper refused.</exception>
    public Task RestartProfileAsync(int profile, bool force, CancellationToken cancellation = default) =>
        CommandAsync(LinkFrameType.Restart, (ushort)profile, Force(force), cancellation);

    /// <summary>Stops every profile, then turns the handset off.</summary>
    /// <exception cref="HandsetException">The keeper refused.</exception>
    public Task ShutdownAsync(bool force, CancellationToken cancellation = default) =>
        CommandAsync(LinkFrameType.Shutdown, LinkProtocol.Handset, Force(force), cancellation);

    /// <summary>Types bytes into a profile's console.</summary>
    public async Task InputAsync(int profile, ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        // Small frames, so that a long paste doesn't hold up other requests.
        for (; bytes.Length > 0; bytes = bytes[Math.Min(InputChunk, bytes.Length)..])
            await SendAsync(LinkFrameType.Input, (ushort)profile, bytes[..Math.Min(InputChunk, bytes.Length)], 0, cancellation).ConfigureAwait(false);
    }

    /// <summary>Tells a profile how large the terminal at its console is. It is not answered.</summary>
    public async Task ResizeAsync(int profile, ushort columns, ushort rows, CancellationToken cancellation = default)
    {
        var payload = new byte[4];
        LittleEndian.WriteU16(payload, 0, columns);
        LittleEndian.WriteU16(payload, 2, rows);
        await SendAsync(LinkFrameType.Resize, (ushort)profile, payload, 0, cancellation).ConfigureAwait(false);
    }

    /// <summary>Closes the link.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
    }

    private static byte[] Force(bool force) => [(byte)(force ? 1 : 0)];

    private static TimeSpan Nanoseconds(ulong nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / 100));

    private static ProfileStatus Status(Span<byte> payload)
    {
        var record = new LinkProfileRecord(payload);
        return new ProfileStatus(record.Index, Encoding.UTF8.GetString(record.Name), record.State, record.Cores, (int)record.Weight, record.Memory,
            Nanoseconds(record.CpuTime), record.Exits, Nanoseconds(record.Uptime));
    }

    private async Task CommandAsync(LinkFrameType type, ushort profile, ReadOnlyMemory<byte> payload, CancellationToken cancellation) =>
        await RequestAsync(type, profile, payload, 1, cancellation).ConfigureAwait(false);

    private Task<byte[]> RequestAsync(LinkFrameType type, ushort profile, ReadOnlyMemory<byte> payload, int least, CancellationToken cancellation, TimeSpan? timeout = null) =>
        RequestAsync(NewId(), type, profile, payload, least, cancellation, timeout);

    private async Task<byte[]> RequestAsync(
        ushort id, LinkFrameType type, ushort profile, ReadOnlyMemory<byte> payload, int least, CancellationToken cancellation, TimeSpan? timeout = null)
    {
        var pending = new Pending(LinkProtocol.AnswerTo(type), least);
        lock (_pending)
        {
            if (_closed)
                throw LinkLost();
            _pending.Add(id, pending);
        }
        try
        {
            await SendAsync(type, profile, payload, id, cancellation).ConfigureAwait(false);
            return await pending.Reply.Task.WaitAsync(timeout ?? AnswerTimeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw NoAnswer();
        }
        finally
        {
            lock (_pending)
                _pending.Remove(id);
        }
    }

    // 0 is for events.
    private ushort NewId()
    {
        lock (_pending)
        {
            do
                _lastId++;
            while (_lastId == 0 || _pending.ContainsKey(_lastId) || _streams.ContainsKey(_lastId));
            return _lastId;
        }
    }

    private async Task SendAsync(LinkFrameType type, ushort profile, ReadOnlyMemory<byte> payload, ushort id, CancellationToken cancellation)
    {
        var frame = new byte[LinkProtocol.HeaderBytes + payload.Length];
        LinkFrame.Write(frame, type, profile, payload.Span, id, _keeperKey);
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Not cancelled half way: the other side would wait for the rest of the frame.
            await _stream.WriteAsync(frame, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw LinkLost();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        var receiver = new LinkReceiver { Key = Key };
        var buffer = new byte[LinkProtocol.MaxFrame];
        try
        {
            while (await _stream.ReadAsync(buffer, _closing.Token).ConfigureAwait(false) is > 0 and var count)
                Dispatch(receiver, buffer.AsSpan(0, count));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The link has ended; so do we.
        }
        lock (_pending)
        {
            _closed = true;
            foreach (var pending in _pending.Values)
                pending.Reply.TrySetException(LinkLost());
            foreach (var stream in _streams.Values)
                stream.Close();
        }
    }

    private void Dispatch(LinkReceiver receiver, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[receiver.Feed(bytes)..];
            while (receiver.TryRead(out var frame))
                Dispatch(frame);
        }
    }

    private void Dispatch(LinkFrame frame)
    {
        var payload = frame.Payload;
        switch (frame.Type)
        {
            case LinkFrameType.Output:
                Output?.Invoke(frame.Profile, payload.ToArray());
                break;
            case LinkFrameType.Log:
                Log?.Invoke(Encoding.UTF8.GetString(payload));
                break;
            case LinkFrameType.StateChanged when payload.Length > 0:
                StateChanged?.Invoke(new StateChange(frame.Profile, (LinkProfileState)payload[0], Encoding.UTF8.GetString(payload[1..])));
                break;
            case LinkFrameType.ProfilesChanged:
                ProfilesChanged?.Invoke();
                break;
            default:
                if (frame.Type >= LinkFrameType.Welcome && !IsForged(frame))
                    Complete(frame);
                break;
        }
    }

    private void Complete(LinkFrame frame)
    {
        Pending? pending;
        LinkStream? stream;
        lock (_pending)
        {
            _pending.TryGetValue(frame.RequestId, out pending);
            _streams.TryGetValue(frame.RequestId, out stream);
        }
        var payload = frame.Payload;
        if (pending is null || (stream is not null && frame.Type != pending.Answer && frame.Type != LinkFrameType.Reply))
            stream?.Add(frame);
        else if (Refusal(frame.Type, payload) is { } refusal)
            pending.Reply.TrySetException(refusal);
        else if (frame.Type == pending.Answer && payload.Length >= pending.Least)
            pending.Reply.TrySetResult(payload.ToArray());
        else
            pending.Reply.TrySetException(Misunderstood());
    }

    /// <summary>What a keeper's "no" becomes.</summary>
    internal static HandsetException? Refusal(LinkFrameType type, ReadOnlySpan<byte> payload)
    {
        if (type != LinkFrameType.Reply || payload.Length == 0 || payload[0] == (byte)LinkStatus.Ok)
            return null;
        var text = Encoding.UTF8.GetString(payload[1..]);
        return new HandsetException(text.Length > 0 ? text : $"The keeper refused: {(LinkStatus)payload[0]}.");
    }

    internal static HandsetException Misunderstood() =>
        new("The keeper gave an answer that this program doesn't understand: run `pocket build`, then `pocket up` again.");

    internal NoAnswerException NoAnswer() =>
        new($"The keeper has not answered for {AnswerTimeout.TotalSeconds:0} s: see `pocket logs`; `pocket down --force` turns the handset off.");

    internal HandsetException LinkLost() => new(WhyClosed);

    private sealed record Pending(LinkFrameType Answer, int Least)
    {
        public TaskCompletionSource<byte[]> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
