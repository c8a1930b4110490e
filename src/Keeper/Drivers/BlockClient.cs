using System;
using System.Threading;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>
/// Somebody who has requests at the flash: how many are under way, and which are done and not collected yet. Everything changes
/// under the driver's lock only; the two words that others look at without it are volatile.
/// </summary>
public sealed class BlockClient
{
    /// <summary>Requests under way or not collected, at most.</summary>
    public const int MaxRequests = 64;

    private readonly int[] _done = new int[MaxRequests]; // tag, and the status from bit 16 on
    private int _doneCount;
    private int _inFlight, _news;
    private bool _starved;

    /// <summary>Requests that the device may still read or write memory for. While this is not 0, their memory must not get another use.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>There is something to collect, or room again after there was none.</summary>
    public bool HasNews => Volatile.Read(ref _news) != 0;

    internal bool HasRoom => _inFlight + _doneCount < MaxRequests;

    internal void Begin() => Volatile.Write(ref _inFlight, _inFlight + 1);

    internal void End(int tag, byte status)
    {
        _done[_doneCount++] = tag | status << 16;
        Volatile.Write(ref _inFlight, _inFlight - 1);
        Volatile.Write(ref _news, 1);
    }

    /// <summary>It found no room, and hears when there is some.</summary>
    internal void Starve() => _starved = true;

    internal void WakeIfStarved()
    {
        if (!_starved) return;
        _starved = false;
        Volatile.Write(ref _news, 1);
    }

    internal int Collect(Span<int> done)
    {
        int count = _doneCount;
        new Span<int>(_done, 0, count).CopyTo(done);
        _doneCount = 0;
        Volatile.Write(ref _news, 0);
        return count;
    }

    internal void Forget()
    {
        _doneCount = 0;
        _starved = false;
        Volatile.Write(ref _news, 0);
    }
}
