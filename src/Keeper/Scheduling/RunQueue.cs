using System;

namespace Pocketvisor.Keeper.Scheduling;

/// <summary>
/// Weighted round robin for one core, which alone may touch it. Each schedulable gets a quantum of time by its weight, and
/// when that is used up goes behind all that are ready:
/// <code>
///   first ──▶ [boosted …] [others, in the order of their turns …] ◀── last
/// </code>
/// One that wakes up with budget left is boosted: it runs before those that never sleep, so that an interactive guest
/// answers at once. It cannot gain by that: it gets one quantum a round, and a round ends only when somebody has used up his.
/// </summary>
public sealed class RunQueue
{
    private readonly Schedulable[] _members;
    private readonly ulong _quantum; // ticks at weight 100
    private Schedulable _first, _last;
    private int _count;
    private ulong _round;

    /// <param name="capacity">Schedulables at most.</param>
    /// <param name="quantum">Ticks that one of weight 100 runs while others wait.</param>
    public RunQueue(int capacity, ulong quantum)
    {
        _members = new Schedulable[capacity];
        _quantum = quantum;
    }

    /// <summary>Schedulables that are ready, asleep or off here.</summary>
    public int Count => _count;

    /// <summary>One of them, by number below <see cref="Count"/>.</summary>
    public Schedulable this[int index] => _members[index];

    /// <summary>Whether somebody waits behind the one that runs.</summary>
    public bool IsContended => _first != null && _first.Next != null;

    /// <summary>Takes over a schedulable, which is off at first. False if the queue is full.</summary>
    public bool TryAdd(Schedulable s)
    {
        if (_count == _members.Length) return false;
        _members[_count++] = s;
        s.State = RunState.Off;
        s.Next = null;
        s.Boosted = false;
        s.Round = _round;
        s.Budget = Quantum(s);
        return true;
    }

    public void Remove(Schedulable s)
    {
        if (s.State == RunState.Ready) Unlink(s);
        s.State = RunState.Off;
        for (int i = 0; i < _count; i++)
        {
            if (_members[i] != s) continue;
            _members[i] = _members[--_count];
            _members[_count] = null;
            return;
        }
    }

    /// <summary>Makes one ready that sleeps or is off; otherwise does nothing.</summary>
    public void Wake(Schedulable s)
    {
        if (s.State == RunState.Ready) return;
        if (s.Round < _round) Refill(s, _round);
        s.State = RunState.Ready;
        s.Boosted = true;
        InsertBehindBoosted(s);
    }

    /// <summary>The one that shall run now, or null. Wakes those whose time has come.</summary>
    public Schedulable Pick(ulong now)
    {
        for (int i = 0; i < _count; i++)
            if (_members[i].State == RunState.Asleep && _members[i].Deadline <= now) Wake(_members[i]);
        return _first;
    }

    /// <summary>When the one just picked must make room, or a sleeper wakes: ticks, or <see cref="Schedulable.Never"/>.</summary>
    public ulong NextEvent(ulong now)
    {
        ulong at = IsContended ? now + (ulong)_first.Budget : Schedulable.Never;
        for (int i = 0; i < _count; i++)
            if (_members[i].State == RunState.Asleep) at = Math.Min(at, _members[i].Deadline);
        return at;
    }

    /// <summary>It ran for so many ticks. One that has used up its quantum goes behind the others.</summary>
    public void Charge(Schedulable s, ulong ticks)
    {
        s.Budget -= (long)Math.Max(ticks, 1);
        if (s.Budget > 0) return;
        // It pays for what it ran too long because the timer was late; not for time that nobody else wanted.
        long debt = IsContended ? s.Budget : 0;
        Refill(s, Math.Max(s.Round, _round) + 1);
        _round = s.Round;
        s.Budget = s.Budget + debt > 0 ? s.Budget + debt : 1;
        s.Boosted = false;
        if (s.State != RunState.Ready) return;
        Unlink(s);
        Append(s);
    }

    /// <summary>It waits for an interrupt, at most until the deadline.</summary>
    public void Sleep(Schedulable s, ulong deadline)
    {
        Stop(s, RunState.Asleep);
        s.Deadline = deadline;
    }

    /// <summary>It does not run until somebody wakes it.</summary>
    public void TurnOff(Schedulable s) => Stop(s, RunState.Off);

    private void Stop(Schedulable s, RunState state)
    {
        if (s.State == RunState.Ready) Unlink(s);
        s.State = state;
        s.Boosted = false;
    }

    private long Quantum(Schedulable s) => (long)Math.Max(_quantum * (ulong)s.Weight / 100, 1);

    private void Refill(Schedulable s, ulong round)
    {
        s.Round = round;
        s.Budget = Quantum(s);
    }

    private void InsertBehindBoosted(Schedulable s)
    {
        Schedulable before = null, at = _first;
        for (; at != null && at.Boosted; at = at.Next) before = at;
        s.Next = at;
        if (before == null) _first = s;
        else before.Next = s;
        if (at == null) _last = s;
    }

    private void Append(Schedulable s)
    {
        s.Next = null;
        if (_last == null) _first = s;
        else _last.Next = s;
        _last = s;
    }

    private void Unlink(Schedulable s)
    {
        Schedulable before = null;
        for (Schedulable at = _first; at != s; at = at.Next) before = at;
        if (before == null) _first = s.Next;
        else before.Next = s.Next;
        if (_last == s) _last = before;
        s.Next = null;
    }
}
