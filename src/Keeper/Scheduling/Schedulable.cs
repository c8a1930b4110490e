namespace Pocketvisor.Keeper.Scheduling;

/// <summary>What a <see cref="RunQueue"/> hands out: in the keeper, a vCPU.</summary>
public abstract class Schedulable
{
    /// <summary>Never: the deadline of one that only an interrupt can wake.</summary>
    public const ulong Never = ulong.MaxValue;

    // All of these belong to the queue that holds it.
    internal Schedulable Next;
    internal RunState State;
    internal ulong Used;     // time that it ran, divided by its weight: what the queue keeps equal
    internal long Slice;     // ticks that are left of its turn
    internal ulong Deadline; // when a sleeper wakes by itself

    /// <summary>Its share of a core, against the others on that core: 1 to 1000, usually 100.</summary>
    public int Weight { get; set; } = 100;
}
