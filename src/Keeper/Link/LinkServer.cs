using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

/// <summary>
/// The keeper's end of the link. One core calls <see cref="Poll"/>; every core may call <see cref="Log"/>,
/// <see cref="StateChanged"/> and <see cref="ProfilesChanged"/>. Nothing waits for the PC:
/// <code>
///   answers     a queue; while it has no room for the largest one, no further request is read
///   log         a backlog of lines     ┐ what is not sent in time is forgotten, oldest first,
///   consoles    a backlog each         ┘ and what is remembered is sent again after a Hello
///   events      a queue: see <see cref="LinkEvents"/>
///   files       one transfer, as fast as flash and PC go, a short while at each poll
/// </code>
/// </summary>
public sealed partial class LinkServer
{
    private const ulong PartTimeout = 1_000_000_000, PauseOfComplaints = 1_000_000_000;

    // Nanoseconds for files at each poll: vCPUs run on this core, too.
    private const ulong FileTime = 1_000_000;

    private const uint NoSession = uint.MaxValue;

    private readonly ByteStream _stream;
    private readonly LinkHandler _handler;
    private readonly LinkFiles _files;
    private readonly Doorbell _doorbell;
    private readonly ProfileConsole[] _consoles;

    private readonly LinkReceiver _receiver = new();
    private readonly LinkSender _sender;
    private readonly LinkAnswers _answers = new();
    private readonly LinkLog _log = new();
    private readonly LinkEvents _events;
    private readonly byte[] _output = new byte[LinkProtocol.HeaderBytes + LinkProtocol.MaxText];
    private readonly Text _complaint = new(128);
    private ulong _complainedAt, _complainedOf;
    private ulong _partSince;
    private ulong _filesUntil;
    private uint _session = NoSession;
    private bool _greeted;
    private int _turn; // the profile whose console is sent next

    /// <param name="files">Null if the handset has no flash.</param>
    /// <param name="doorbell">Rung when another core leaves something to send.</param>
    /// <param name="maxProfiles">At most <see cref="LinkProfileRecord.MaxRecords"/>.</param>
    public LinkServer(ByteStream stream, LinkHandler handler, LinkFiles files, Doorbell doorbell, int maxProfiles)
    {
        _stream = stream;
        _sender = new LinkSender(stream);
        _handler = handler;
        _files = files;
        _doorbell = doorbell;
        _consoles = new ProfileConsole[maxProfiles];
        _events = new LinkEvents(handler, _consoles);
    }

    /// <summary>Whether a PC has said Hello, as far as we know.</summary>
    public bool Greeted => _greeted;

    /// <summary>The last <see cref="Poll"/> stopped only because its time was over: come again soon.</summary>
    public bool HasMore { get; private set; }

    /// <summary>From now on this console is sent to the PC.</summary>
    public void Attach(int profile, ProfileConsole console) => _consoles[profile] = console;

    /// <summary>Remembers a line, without its end, and sends it when it can. Any core.</summary>
    public void Log(ReadOnlySpan<byte> line)
    {
        _log.Add(line);
        _doorbell.Ring();
    }

    /// <summary>Tells the PC what became of a profile, after everything that its console has said until now. Any core.</summary>
    public void StateChanged(int profile, LinkProfileState state, ReadOnlySpan<byte> reason)
    {
        _events.StateChanged(profile, state, reason);
        _doorbell.Ring();
    }

    /// <summary>Tells the PC that a profile came or went: the list that it gets from now on is another one. Any core.</summary>
    public void ProfilesChanged()
    {
        _events.ProfilesChanged();
        _doorbell.Ring();
    }

    /// <summary>
    /// Takes in requests, answers them, and sends as much as the cable takes. One core: when the cable's device interrupts, when the
    /// doorbell rings, and now and then for what depends on time.
    /// </summary>
    public void Poll()
    {
        HasMore = false;
        _stream.Poll();
        if (!_stream.IsOpen || _stream.Session != _session)
        {
            // What the last PC left half said, or did not take, is of no use to the next one. Some of it may be still on its way, and a new key makes it what it is: no frames.
            Forget();
            _receiver.Clear();
            _partSince = 0;
            _session = NoSession;
            if (!_stream.IsOpen) return;
            _session = _stream.Session;
            _receiver.Key = _handler.NewKey();
        }

        _filesUntil = _handler.Now + FileTime;
        Receive();
        Complain();
        while (_files != null && _files.IsBusy && _answers.HasRoom && HasFileTime()) _files.Step(_answers);
        Send();
        _stream.Flush();
    }

    private void Receive()
    {
        while (true)
        {
            while (_answers.HasRoom && _receiver.TryRead(out LinkFrame frame))
            {
                _partSince = 0;
                Answer(frame);
                if (LinkFiles.Has(frame.Type) && !HasFileTime()) return;
            }

            if (!_answers.HasRoom)
            {
                // Perhaps the cable has room for some of them.
                _answers.TrySend(_sender);
                if (!_answers.HasRoom) return;
                continue;
            }

            // All whole frames are gone, so there is room for one at least.
            int n = _stream.Read(_receiver.Room());
            _receiver.Received(n);
            if (n == 0 && !AbandonsPart()) return;
        }
    }

    /// <summary>Of a cable that garbles, or a PC that speaks another version.</summary>
    private void Complain()
    {
        ulong now = _handler.Now, skipped = _receiver.Skipped;
        if (skipped == _complainedOf || now - _complainedAt < PauseOfComplaints) return;
        _log.Add(_complaint.Clear().Add("the link: "u8).Add(skipped - _complainedOf).Add(" bytes from the PC were no whole frame of version "u8).Add((ulong)LinkProtocol.Version)
            .Add(", and were dropped"u8).Bytes);
        _complainedAt = now;
        _complainedOf = skipped;
    }

    private bool HasFileTime()
    {
        if (_handler.Now < _filesUntil) return true;
        HasMore = true;
        return false;
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

    /// <summary>Nobody is there, or somebody new: queues are emptied and backlogs start again.</summary>
    private void Forget()
    {
        _greeted = false;
        _answers.Clear();
        _files?.Forget();
        foreach (ProfileConsole console in _consoles) console?.Rewind();
        _events.Clear();
        _log.Rewind();
    }

    private void Send()
    {
        if (!_answers.TrySend(_sender) || !_greeted) return;
        if (!_log.TrySend(_sender)) return;

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

            if (!_events.TrySend(_sender)) return;
        }

        if (_files != null) SendFiles();
    }

    private bool SendOutput(int profile, out bool sent)
    {
        sent = false;
        ProfileConsole console = _consoles[profile];
        if (console == null) return true;
        int n = console.Peek(new Span<byte>(_output, LinkProtocol.HeaderBytes, LinkProtocol.MaxText), out ulong place);
        if (n == 0) return true;
        LinkFrame.Seal(_output, LinkFrameType.Output, (ushort)profile, n, 0);
        if (!_sender.TrySend(new Span<byte>(_output, 0, LinkProtocol.HeaderBytes + n))) return false;
        console.Sent(place + (ulong)n);
        sent = true;
        return true;
    }

    private void SendFiles()
    {
        while (_answers.HasRoom)
        {
            Span<byte> frame = _files.NextFrame(_answers);
            if (frame.IsEmpty || !_sender.TrySend(frame)) break;
            _files.FrameSent();
            if (!HasFileTime()) break;
        }

        _answers.TrySend(_sender); // why a transfer failed
    }
}
