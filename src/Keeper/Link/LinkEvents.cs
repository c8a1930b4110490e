using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

/// <summary>
/// What became of profiles, on its way to the PC. Each event waits until its profile's console has been sent up to the moment of the
/// event. If the queue overflows, the present state of every profile is sent instead of what was lost.
/// </summary>
public sealed class LinkEvents
{
    private const int MaxReason = 256;
    private const int Head = 8; // how far its console must have been sent, before the frame

    private readonly LinkHandler _handler;
    private readonly ProfileConsole[] _consoles;
    private readonly byte[] _frame = new byte[Head + LinkProtocol.HeaderBytes + LinkProfileRecord.Bytes + MaxReason];

    // Under the lock, because every core writes them.
    private SpinLock _lock;
    private readonly ByteRing _events = new(8 * 1024);
    private readonly byte[] _event = new byte[Head + LinkProtocol.HeaderBytes + 1 + MaxReason];
    private bool _lost, _profilesChanged;

    public LinkEvents(LinkHandler handler, ProfileConsole[] consoles)
    {
        _handler = handler;
        _consoles = consoles;
    }

    /// <summary>Any core.</summary>
    public void StateChanged(int profile, LinkProfileState state, ReadOnlySpan<byte> reason)
    {
        if (reason.Length > MaxReason) reason = reason.Slice(0, MaxReason);
        ProfileConsole console = _consoles[profile];
        ulong after = console == null ? 0 : console.End;
        int length = LinkProtocol.HeaderBytes + 1 + reason.Length;

        _lock.Enter();
        Span<byte> entry = new(_event, 0, Head + length);
        LittleEndian.WriteU64(entry, 0, after);
        entry[Head + LinkProtocol.HeaderBytes] = (byte)state;
        reason.CopyTo(entry.Slice(Head + LinkProtocol.HeaderBytes + 1));
        LinkFrame.Seal(entry.Slice(Head), LinkFrameType.StateChanged, (ushort)profile, 1 + reason.Length, 0);
        if (!_events.TryWriteAll(entry)) _lost = true;
        _lock.Exit();
    }

    /// <summary>Any core.</summary>
    public void ProfilesChanged()
    {
        _lock.Enter();
        _profilesChanged = true;
        _lock.Exit();
    }

    public void Clear()
    {
        _lock.Enter();
        _events.Clear();
        _lost = _profilesChanged = false;
        _lock.Exit();
    }

    /// <returns>False when the cable is full.</returns>
    public bool TrySend(LinkSender sender)
    {
        if (!TrySendChange(sender)) return false;
        while (true)
        {
            int length = Peek();
            if (length == 0) break;
            ProfileConsole console = _consoles[LittleEndian.ReadU16(_frame, Head + 2)];
            if (console != null && console.SentTo < LittleEndian.ReadU64(_frame, 0)) return true; // its output first
            if (!sender.TrySend(new Span<byte>(_frame, Head, length))) return false;
            _lock.Enter();
            _events.Discard(Head + length);
            _lock.Exit();
        }

        return !TakeLost() || TrySendStates(sender);
    }

    private bool TrySendChange(LinkSender sender)
    {
        _lock.Enter();
        bool changed = _profilesChanged;
        _profilesChanged = false;
        _lock.Exit();
        if (!changed) return true;
        LinkFrame.Seal(_frame, LinkFrameType.ProfilesChanged, LinkProtocol.Handset, 0, 0);
        if (sender.TrySend(new Span<byte>(_frame, 0, LinkProtocol.HeaderBytes))) return true;
        ProfilesChanged(); // again, next time
        return false;
    }

    private int Peek()
    {
        _lock.Enter();
        int length = 0;
        if (_events.Peek(new Span<byte>(_frame, 0, Head + LinkProtocol.HeaderBytes)) != 0)
        {
            length = LinkProtocol.HeaderBytes + LittleEndian.ReadU16(_frame, Head + 4);
            _events.Peek(new Span<byte>(_frame, 0, Head + length));
        }

        _lock.Exit();
        return length;
    }

    private bool TakeLost()
    {
        _lock.Enter();
        bool lost = _lost;
        _lost = false;
        _lock.Exit();
        return lost;
    }

    /// <summary>After lost events: what every profile is now.</summary>
    private bool TrySendStates(LinkSender sender)
    {
        for (int i = 0; i < Math.Min(_handler.ProfileCount, _consoles.Length); i++)
        {
            LinkProfileRecord record = new(new Span<byte>(_frame, LinkProtocol.HeaderBytes, LinkProfileRecord.Bytes));
            if (!_handler.TryDescribe(i, record)) continue;
            byte state = (byte)record.State;
            _frame[LinkProtocol.HeaderBytes] = state;
            LinkFrame.Seal(_frame, LinkFrameType.StateChanged, (ushort)i, 1, 0);
            if (sender.TrySend(new Span<byte>(_frame, 0, LinkProtocol.HeaderBytes + 1))) continue;
            _lock.Enter();
            _lost = true; // all again, next time
            _lock.Exit();
            return false;
        }

        return true;
    }
}
