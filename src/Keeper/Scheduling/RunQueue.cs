using System;

namespace Pocketvisor.Keeper.Scheduling;

/// <summary>
/// Weighted round robin for one core, which alone may touch it. A turn lasts as many ticks as the weight says; then the next
/// one has its turn. Who sleeps, pays nothing, and so is ahead of those that run all the time when it wakes up:
/// <code>
///   first ──▶ used 40 ──▶ used 55 ──▶ used 55 ──▶ used 70      ticks run, divided by weight
///               ▲ a sleeper that wakes goes where its time puts it, but is never more than one turn ahead
/// </code>
/// So an interactive guest answers at once, and yet nobody gains by sleeping: time that was used stays counted.
/// </summary>
public sealed class RunQueue
{
    /// <summary>A tick at weight 1, in the unit of <see cref="Schedulable.Used"/>: then one at weight 1000 still counts.</summary>
    private const ulong Scale = 1024;

    private readonly Schedulable[] _members;
    private readonly ulong _turn; // ticks at weight 100
    private Schedulable _first;
    private int _count;
    private ulong _used; // of the last one that ran

    /// <param name="capacity">Schedulables at most.</param>
    /// <param name="turn">Ticks that one of weight 100 runs while others wait.</param>
    public RunQueue(int capacity, ulong turn)
    {
        _members = new Schedulable[capacity];
        _turn = turn;
    }

    /// <summary>Schedulables that are ready, asleep or off here.</summary>
    public int Count => _count;

    /// <summary>One of them, by number below <see cref="Count"/>.</summary>
    public Schedulable this[int index] => _members[index];

    /// <summary>Takes over a schedulable, which is off at first. False if the queue is full.</summary>
    public bool TryAdd(Schedulable s)
    {
        if (_count == _members.Length) return false;
        _members[_count++] = s;
        s.State = RunState.Off;
        s.Next = null;
        s.Used = 0;
        s.Slice = Turn(s);
        return true;
    }

    public void Remove(Schedulable s)
    {
        Stop(s, RunState.Off);
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
        s.State = RunState.Ready;
        ulong least = _used, turn = _turn * Scale / 100;
        for (Schedulable ready = _first; ready != null; ready = ready.Next)
            if (ready == _first || ready.Used < least) least = ready.Used;
        if (least > turn) s.Used = Math.Max(s.Used, least - turn);
        Insert(s);
    }

    /// <summary>The one that shall run now, or null. Wakes those whose time has come.</summary>
    public Schedulable Pick(ulong now)
    {
        for (int i = 0; i < _count; i++)
            if (_members[i].State == RunState.Asleep && _members[i].Deadline <= now) Wake(_members[i]);
        return _first;
    }

    /// <summary>Only one is ready.</summary>
    public bool IsAlone => _first != null && _first.Next == null;

    /// <summary>When the one just picked must make room, or a sleeper wakes: ticks, or <see cref="Schedulable.Never"/>.</summary>
    public ulong NextEvent(ulong now)
    {
        bool othersWait = _first != null && _first.Next != null;
        ulong at = othersWait ? now + (ulong)_first.Slice : Schedulable.Never;
        for (int i = 0; i < _count; i++)
            if (_members[i].State == RunState.Asleep) at = Math.Min(at, _members[i].Deadline);
        return at;
    }

    /// <summary>It ran for so many ticks. When its turn is over, it goes where its time puts it.</summary>
    public void Charge(Schedulable s, ulong ticks)
    {
        ticks = Math.Max(ticks, 1);
        s.Used += ticks * Scale / (ulong)s.Weight;
        s.Slice -= (long)ticks;
        _used = s.Used;
        if (s.Slice > 0) return;
        s.Slice = Turn(s);
        if (s.State != RunState.Ready) return;
        Unlink(s);
        Insert(s);
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
    }

    private long Turn(Schedulable s) => (long)Math.Max(_turn * (ulong)s.Weight / 100, 1);

    // Behind those that have used as much or less.
    private void Insert(Schedulable s)
    {
        Schedulable before = null, at = _first;
        for (; at != null && at.Used <= s.Used; at = at.Next) before = at;
        s.Next = at;
        if (before == null) _first = s;
        else before.Next = s;
    }

    private void Unlink(Schedulable s)
    {
        Schedulable before = null;
        for (Schedulable at = _first; at != s; at = at.Next) before = at;
        if (before == null) _first = s.Next;
        else before.Next = s.Next;
        s.Next = null;
    }
}
