using System;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Devices;

/// <summary>
/// What a profile says, by whichever of its console devices, remembered for the PC. Devices write on the cores of their vCPUs
/// while the link reads on its own, so this has a lock of its own, and the link never waits for a device.
/// </summary>
public sealed class ProfileConsole
{
    private readonly Backlog _output;
    private readonly Doorbell _doorbell;
    private SpinLock _lock;
    private ulong _sent;

    /// <param name="backlogBytes">A power of two.</param>
    /// <param name="doorbell">Rung when there is output again after all of it was sent.</param>
    public ProfileConsole(int backlogBytes, Doorbell doorbell)
    {
        _output = new Backlog(backlogBytes);
        _doorbell = doorbell;
    }

    /// <summary>More than this at once only pushes itself out.</summary>
    public int Capacity => _output.Capacity;

    /// <summary>Bytes said since power-on.</summary>
    public ulong End
    {
        get
        {
            _lock.Enter();
            ulong end = _output.End;
            _lock.Exit();
            return end;
        }
    }

    /// <summary>Bytes that the link has sent or given up.</summary>
    public ulong SentTo
    {
        get
        {
            _lock.Enter();
            ulong sent = _sent;
            _lock.Exit();
            return sent;
        }
    }

    public void Output(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _lock.Enter();
        bool first = _sent == _output.End;
        _output.Append(bytes);
        _lock.Exit();
        if (first) _doorbell.Ring();
    }

    /// <summary>Copies the oldest output that was not sent; the link then says <see cref="Sent"/>, or comes again.</summary>
    /// <param name="place">Where in the stream the copy begins.</param>
    public int Peek(Span<byte> destination, out ulong place)
    {
        _lock.Enter();
        int n = _output.Peek(ref _sent, destination);
        place = _sent;
        _lock.Exit();
        return n;
    }

    public void Sent(ulong to)
    {
        _lock.Enter();
        if (to > _sent) _sent = to;
        _lock.Exit();
    }

    /// <summary>The next reader gets everything that is remembered.</summary>
    public void Rewind()
    {
        _lock.Enter();
        _sent = _output.Start;
        _lock.Exit();
    }
}
