using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

/// <summary>
/// The keeper's end of the link. One core calls <see cref="Poll"/>; every core may call <see cref="Log"/> and
/// <see cref="StateChanged"/>. Nothing waits for the PC:
/// <code>
///   answers     a queue; while it has no room for the largest one, no further request is read
///   log         a backlog of lines     ┐ what is not sent in time is forgotten, oldest first,
///   consoles    a backlog each         ┘ and what is remembered is sent again after a Hello
///   events      a queue; each waits until the console has been sent up to the moment of the event. If the queue
///               overflows, the present state of every profile is sent instead of what was lost
/// </code>
/// </summary>
public sealed class LinkServer
{
    /// <summary>Longer lines are cut.</summary>
    public const int MaxLine = 512;

    private const int MaxReason = 256;
    private const int EventHead = 8; // how far its console must have been sent, before the frame
    private const ulong PartTimeout = 1_000_000_000;

    private readonly ByteStream _stream;
    private readonly LinkHandler _handler;
    private readonly Doorbell _doorbell;
    private readonly ProfileConsole[] _consoles;

    private readonly LinkReceiver _receiver = new();
    private readonly ByteRing _answers = new(2 * LinkProtocol.MaxFrame);
    private readonly Text _reason = new(MaxReason);
    private readonly byte[] _received = new byte[LinkProtocol.MaxFrame];
    private readonly byte[] _frame = new byte[LinkProtocol.MaxFrame]; // for frames on their way out
    private readonly byte[] _answer = new byte[LinkProtocol.MaxFrame]; // for frames on their way into the queue
    private ulong _partSince;
    private uint _session;
    private bool _greeted;
    private int _turn; // the profile whose console is sent next

    // Under the lock, because every core writes them.
    private SpinLock _lock;
    private readonly Backlog _log = new(LinkProtocol.LogBacklogBytes);
    private ulong _logSent;
    private readonly ByteRing _events = new(8 * 1024);
    private readonly byte[] _event = new byte[EventHead + LinkProtocol.HeaderBytes + 1 + MaxReason];
    private bool _eventsLost;

    /// <param name="doorbell">Rung when another core leaves something to send.</param>
    /// <param name="maxProfiles">At most <see cref="LinkProfileRecord.MaxRecords"/>.</param>
    public LinkServer(ByteStream stream, LinkHandler handler, Doorbell doorbell, int maxProfiles)
    {
        _stream = stream;
        _handler = handler;
        _doorbell = doorbell;
        _consoles = new ProfileConsole[maxProfiles];
    }

    /// <summary>Whether a PC has said Hello, as far as we know.</summary>
    public bool Greeted => _greeted;

    /// <summary>From now on this console is sent to the PC.</summary>
    public void Attach(int profile, ProfileConsole console) => _consoles[profile] = console;

    /// <summary>Remembers a line, without its end, and sends it when it can. Any core.</summary>
    public void Log(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxLine) line = line.Slice(0, MaxLine);
        _lock.Enter();
        _log.Append(line);
        _log.Append("\n"u8);
        _lock.Exit();
        _doorbell.Ring();
    }

    /// <summary>Tells the PC what became of a profile, after everything that its console has said until now. Any core.</summary>
    public void StateChanged(int profile, LinkProfileState state, ReadOnlySpan<byte> reason)
    {
        if (reason.Length > MaxReason) reason = reason.Slice(0, MaxReason);
        ProfileConsole console = _consoles[profile];
        ulong after = console == null ? 0 : console.End;
        int length = LinkProtocol.HeaderBytes + 1 + reason.Length;

        _lock.Enter();
        Span<byte> entry = new(_event, 0, EventHead + length);
        LittleEndian.WriteU64(entry, 0, after);
        LinkFrame.WriteHeader(entry.Slice(EventHead), LinkFrameType.StateChanged, (ushort)profile, 1 + reason.Length, 0);
        entry[EventHead + LinkProtocol.HeaderBytes] = (byte)state;
        reason.CopyTo(entry.Slice(EventHead + LinkProtocol.HeaderBytes + 1));
        if (!_events.TryWriteAll(entry)) _eventsLost = true;
        _lock.Exit();
        _doorbell.Ring();
    }

    /// <summary>
    /// Takes in requests, answers them, and sends as much as the cable takes. One core: when the cable's device interrupts, when the
    /// doorbell rings, and now and then for what depends on time.
    /// </summary>
    public void Poll()
    {
        _stream.Poll();
        if (!_stream.IsOpen || _stream.Session != _session)
        {
            // What the last PC left half said, or did not take, is of no use to the next one, which starts with a Hello.
            _session = _stream.Session;
            Forget();
            _receiver.Clear();
            _partSince = 0;
        }

        if (!_stream.IsOpen) return;
        Receive();
        Send();
        _stream.Flush();
    }

    private void Receive()
    {
        while (true)
        {
            while (_answers.Free >= LinkProtocol.MaxFrame && _receiver.TryRead(out LinkFrame frame))
            {
                _partSince = 0;
                Answer(frame);
            }

            if (_answers.Free < LinkProtocol.MaxFrame)
            {
                // Perhaps the cable has room for some of them.
                SendAnswers();
                if (_answers.Free < LinkProtocol.MaxFrame) return;
                continue;
            }

            // All whole frames are gone, so less than one frame is left in the receiver and everything fits.
            int n = _stream.Read(_received);
            if (n != 0) _receiver.Feed(new ReadOnlySpan<byte>(_received, 0, n));
            else if (!AbandonsPart()) return;
        }
    }

    /// <summary>A PC that vanished inside a frame must not swallow the next one's Hello.</summary>
    private bool AbandonsPart()
    {
        if (!_receiver.HasPart)
        {
            _partSince = 0;
            return false;
        }

        ulong now = _handler.Now;
        if (_partSince == 0) _partSince = now;
        if (now - _partSince < PartTimeout) return false;
        _receiver.Abandon();
        return true;
    }

    private void Answer(LinkFrame request)
    {
        switch (request.Type)
        {
            case LinkFrameType.Hello:
                Hello(request);
                return;

            case LinkFrameType.List:
                List(request);
                return;

            case LinkFrameType.Owners:
                Span<byte> owners = new(_answer, LinkProtocol.HeaderBytes, LinkOwnersReply.Bytes);
                owners.Clear();
                _handler.Owners(new LinkOwnersReply(owners));
                Queue(LinkFrameType.OwnersReply, request, LinkOwnersReply.Bytes);
                return;

            case LinkFrameType.Input:
                if (request.Profile < _handler.ProfileCount) _handler.Input(request.Profile, request.Payload);
                return;

            case LinkFrameType.Credit:
                return;

            default:
                _reason.Clear();
                Reply(request, Act(request));
                return;
        }
    }

    private LinkStatus Act(LinkFrame request)
    {
        bool onProfile = request.Type is LinkFrameType.Start or LinkFrameType.Stop or LinkFrameType.Restart;
        if (!onProfile && request.Type != LinkFrameType.Shutdown) return LinkStatus.BadRequest;
        if (request.Payload.Length != (request.Type == LinkFrameType.Start ? 0 : 1)) return LinkStatus.BadRequest;
        if (onProfile && request.Profile >= _handler.ProfileCount) return LinkStatus.NoSuchProfile;

        bool force = request.Payload.Length == 1 && request.Payload[0] != 0;
        return request.Type switch
        {
            LinkFrameType.Start => _handler.Start(request.Profile, _reason),
            LinkFrameType.Stop => _handler.Stop(request.Profile, force, _reason),
            LinkFrameType.Restart => _handler.Restart(request.Profile, force, _reason),
            _ => _handler.Shutdown(force, _reason),
        };
    }

    private void Hello(LinkFrame request)
    {
        if (request.Payload.Length != 4)
        {
            _reason.Clear();
            Reply(request, LinkStatus.BadRequest);
            return;
        }

        Forget();
        _greeted = true;
        Span<byte> payload = new(_answer, LinkProtocol.HeaderBytes, LinkHelloReply.Bytes);
        payload.Clear();
        LinkHelloReply reply = new(payload) { Version = LinkProtocol.Version };
        _handler.Hello(reply);
        Queue(LinkFrameType.HelloReply, request, LinkHelloReply.Bytes);
    }

    private void List(LinkFrame request)
    {
        int count = Math.Min(_handler.ProfileCount, LinkProfileRecord.MaxRecords);
        int length = LinkProfileRecord.First + count * LinkProfileRecord.Bytes;
        Span<byte> payload = new(_answer, LinkProtocol.HeaderBytes, length);
        payload.Clear();
        LittleEndian.WriteU64(payload, 0, _handler.Now);
        for (int i = 0; i < count; i++)
        {
            LinkProfileRecord record = new(payload.Slice(LinkProfileRecord.First + i * LinkProfileRecord.Bytes)) { Index = (ushort)i };
            _handler.Describe(i, record);
        }

        Queue(LinkFrameType.ListReply, request, length);
    }

    private void Reply(LinkFrame request, LinkStatus status)
    {
        if (_reason.Length == 0) _reason.Add(Sentence(status));
        _answer[LinkProtocol.HeaderBytes] = (byte)status;
        _reason.Bytes.CopyTo(new Span<byte>(_answer, LinkProtocol.HeaderBytes + 1, _reason.Length));
        Queue(LinkFrameType.Reply, request, 1 + _reason.Length);
    }

    private static ReadOnlySpan<byte> Sentence(LinkStatus status) => status switch
    {
        LinkStatus.Ok => "accepted"u8,
        LinkStatus.NoSuchProfile => "the handset has no such profile"u8,
        LinkStatus.WrongState => "the profile is not in a state for this"u8,
        LinkStatus.BadRequest => "the keeper does not understand this request"u8,
        _ => "the keeper could not do this; see its log"u8,
    };

    private void Queue(LinkFrameType type, LinkFrame request, int payloadLength)
    {
        LinkFrame.WriteHeader(_answer, type, request.Profile, payloadLength, request.RequestId);
        _answers.TryWriteAll(new ReadOnlySpan<byte>(_answer, 0, LinkProtocol.HeaderBytes + payloadLength));
    }

    /// <summary>Nobody is there, or somebody new: queues are emptied and backlogs start again.</summary>
    private void Forget()
    {
        _greeted = false;
        _answers.Clear();
        foreach (ProfileConsole console in _consoles) console?.Rewind();

        _lock.Enter();
        _events.Clear();
        _eventsLost = false;
        _logSent = 0;
        _lock.Exit();
    }

    private void Send()
    {
        if (!SendAnswers() || !_greeted) return;
        if (!SendLog()) return;

        // Consoles take turns, a frame each, so that a noisy profile does not silence the others; events in between.
        for (bool more = true; more;)
        {
            more = false;
            for (int i = 0; i < _consoles.Length; i++)
            {
                int profile = _turn;
                if (!SendOutput(profile, out bool sent)) return;
                more |= sent;
                _turn = profile + 1 == _consoles.Length ? 0 : profile + 1;
            }

            if (!SendEvents()) return;
        }
    }

    // Each of these returns false when the cable is full.

    private bool SendAnswers()
    {
        while (_answers.Peek(new Span<byte>(_frame, 0, LinkProtocol.HeaderBytes)) != 0)
        {
            Span<byte> frame = new(_frame, 0, LinkProtocol.HeaderBytes + LittleEndian.ReadU16(_frame, 4));
            _answers.Peek(frame);
            if (!_stream.TryWrite(frame)) return false;
            _answers.Discard(frame.Length);
        }

        return true;
    }

    private bool SendLog()
    {
        while (true)
        {
            Span<byte> payload = new(_frame, LinkProtocol.HeaderBytes, MaxLine + 1);

            _lock.Enter();
            bool cut = _logSent < _log.Start;
            ulong place = _logSent;
            int n = _log.Peek(ref place, payload);
            _lock.Exit();

            int length = 0;
            while (length < n && payload[length] != '\n') length++;
            if (length == n) return true; // nothing there; a line is always appended with its end

            // The first line after forgotten ones may have lost its beginning.
            if (!cut)
            {
                LinkFrame.WriteHeader(_frame, LinkFrameType.Log, LinkProtocol.Handset, length, 0);
                if (!_stream.TryWrite(new ReadOnlySpan<byte>(_frame, 0, LinkProtocol.HeaderBytes + length))) return false;
            }

            _logSent = place + (ulong)length + 1;
        }
    }

    private bool SendOutput(int profile, out bool sent)
    {
        sent = false;
        ProfileConsole console = _consoles[profile];
        if (console == null) return true;
        int n = console.Peek(new Span<byte>(_frame, LinkProtocol.HeaderBytes, LinkProtocol.MaxPayload), out ulong place);
        if (n == 0) return true;
        LinkFrame.WriteHeader(_frame, LinkFrameType.Output, (ushort)profile, n, 0);
        if (!_stream.TryWrite(new ReadOnlySpan<byte>(_frame, 0, LinkProtocol.HeaderBytes + n))) return false;
        console.Sent(place + (ulong)n);
        sent = true;
        return true;
    }

    private bool SendEvents()
    {
        while (true)
        {
            int length = PeekEvent();
            if (length == 0) break;
            ProfileConsole console = _consoles[LittleEndian.ReadU16(_frame, EventHead + 2)];
            if (console != null && console.SentTo < LittleEndian.ReadU64(_frame, 0)) return true; // its output first
            if (!_stream.TryWrite(new ReadOnlySpan<byte>(_frame, EventHead, length))) return false;
            _lock.Enter();
            _events.Discard(EventHead + length);
            _lock.Exit();
        }

        return !_eventsLost || SendStates();
    }

    private int PeekEvent()
    {
        _lock.Enter();
        int length = 0;
        if (_events.Peek(new Span<byte>(_frame, 0, EventHead + LinkProtocol.HeaderBytes)) != 0)
        {
            length = LinkProtocol.HeaderBytes + LittleEndian.ReadU16(_frame, EventHead + 4);
            _events.Peek(new Span<byte>(_frame, 0, EventHead + length));
        }

        _lock.Exit();
        return length;
    }

    /// <summary>After lost events: what every profile is now.</summary>
    private bool SendStates()
    {
        _lock.Enter();
        _eventsLost = false;
        _lock.Exit();
        for (int i = 0; i < Math.Min(_handler.ProfileCount, _consoles.Length); i++)
        {
            LinkProfileRecord record = new(new Span<byte>(_frame, LinkProtocol.HeaderBytes, LinkProfileRecord.Bytes));
            _handler.Describe(i, record);
            byte state = (byte)record.State;
            LinkFrame.WriteHeader(_frame, LinkFrameType.StateChanged, (ushort)i, 1, 0);
            _frame[LinkProtocol.HeaderBytes] = state;
            if (_stream.TryWrite(new ReadOnlySpan<byte>(_frame, 0, LinkProtocol.HeaderBytes + 1))) continue;
            _lock.Enter();
            _eventsLost = true; // all again, next time
            _lock.Exit();
            return false;
        }

        return true;
    }
}
