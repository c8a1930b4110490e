namespace Pocketvisor.Keeper.Scheduling;

/// <summary>What a <see cref="RunQueue"/> hands out: in the keeper, a vCPU.</summary>
public abstract class Schedulable
{
    /// <summary>Never: the deadline of one that only an interrupt can wake.</summary>
    public const ulong Never = ulong.MaxValue;

    // All of these belong to the queue that holds it.
    internal Schedulable Next;
    internal RunState State;
    internal bool Boosted;
    internal long Budget;    // ticks that it may still run before the others have their turn
    internal ulong Round;    // the round for which the budget is
    internal ulong Deadline; // when a sleeper wakes by itself

    /// <summary>Its share of a core, against the others on that core: 1 to 1000, usually 100.</summary>
    public int Weight { get; set; } = 100;
}
