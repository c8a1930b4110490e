using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

/// <summary>The keeper's log on its way to the PC: what is not sent in time is forgotten, oldest line first.</summary>
public sealed class LinkLog
{
    /// <summary>Longer lines are cut.</summary>
    public const int MaxLine = 512;

    private readonly byte[] _frame = new byte[LinkProtocol.HeaderBytes + MaxLine + 1];

    // Under the lock, because every core writes them.
    private SpinLock _lock;
    private readonly Backlog _lines = new(LinkProtocol.LogBacklogBytes);
    private ulong _sent;

    /// <summary>Remembers a line, without its end. Any core.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        if (line.Length > MaxLine) line = line.Slice(0, MaxLine);
        _lock.Enter();
        _lines.Append(line);
        _lines.Append("\n"u8);
        _lock.Exit();
    }

    /// <summary>What is remembered will be sent again.</summary>
    public void Rewind()
    {
        _lock.Enter();
        _sent = 0;
        _lock.Exit();
    }

    /// <returns>False when the cable is full.</returns>
    public bool TrySend(LinkSender sender)
    {
        while (true)
        {
            Span<byte> payload = new(_frame, LinkProtocol.HeaderBytes, MaxLine + 1);

            _lock.Enter();
            bool cut = _sent < _lines.Start;
            ulong place = _sent;
            int n = _lines.Peek(ref place, payload);
            _lock.Exit();

            int length = 0;
            while (length < n && payload[length] != '\n') length++;
            if (length == n) return true; // nothing there; a line is always appended with its end

            // The first line after forgotten ones may have lost its beginning.
            if (!cut)
            {
                LinkFrame.Seal(_frame, LinkFrameType.Log, LinkProtocol.Handset, length, 0);
                if (!sender.TrySend(new Span<byte>(_frame, 0, LinkProtocol.HeaderBytes + length))) return false;
            }

            _sent = place + (ulong)length + 1;
        }
    }
}
