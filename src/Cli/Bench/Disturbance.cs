namespace Pocketvisor.Cli.Bench;

/// <summary>Something that a neighbour does without end.</summary>
/// <param name="Name">For people.</param>
/// <param name="Word">For the guest's command line.</param>
/// <param name="Period">Of its timer, in ticks; 0: it has none.</param>
/// <param name="Weight">The neighbour's.</param>
public sealed record Disturbance(string Name, string Word, long Period = 0, int Weight = 100)
{
    /// <summary>Where the profile and its neighbour share a core.</summary>
    public static readonly IReadOnlyList<Disturbance> OfOneCore =
    [
        new("computes", "disturb-nothing"),
        new("computes, weight 300", "disturb-nothing", Weight: 300),
        new("computes, weight 25", "disturb-nothing", Weight: 25),
        new("writes to 16 MB", "disturb-memory"),
        new("drops its translations", "disturb-tlb"),
        new("is interrupted every 0.8 µs", "disturb-timers", Period: 50),
    ];

    /// <summary>Where it has another one.</summary>
    public static readonly IReadOnlyList<Disturbance> OfTwoCores =
    [
        new("computes", "disturb-nothing"),
        new("writes to 16 MB", "disturb-memory"),
        new("drops its translations", "disturb-tlb"),
        new("is interrupted every 0.8 µs", "disturb-timers", Period: 50),
    ];
}
