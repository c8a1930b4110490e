using System.Globalization;

namespace Pocketvisor.Cli.Bench;

/// <summary>What the guest of <c>bench/Pace</c> shall do. Times are in ticks of the guest's counter (<see cref="TicksPerSecond"/>) and by its own clock.</summary>
public sealed record PaceWork
{
    /// <summary>Of the counter, on QEMU's virt machine and in a profile on it.</summary>
    public const long TicksPerSecond = 62_500_000;

    /// <summary>Of the handsets that count instructions: 2^1 ns for each, so that a tick of the counter is eight.</summary>
    public const int InstructionShift = ExitCount.InstructionShift;

    /// <summary>Instructions in a tick, where they are counted.</summary>
    public const long InstructionsPerTick = 1_000_000_000 / TicksPerSecond >> InstructionShift;

    /// <summary>Between two interrupts of its timer; 0 for none. A Linux has 100 or 250 a second when it is busy.</summary>
    public long Period { get; init; } = TicksPerSecond / 100;

    /// <summary>Of some 5000 instructions each, in a round.</summary>
    public long Units { get; init; }

    /// <summary>Rounds; 0: without end, and each is told when it is done.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>When the first one begins.</summary>
    public long Begin { get; init; }

    /// <summary>When what was measured may be told: printing disturbs.</summary>
    public long Say { get; init; }

    /// <summary>More words for it: <c>memory</c>, <c>disturb-tlb</c> and the like.</summary>
    public string Words { get; init; } = "";

    /// <summary>The guest's command line.</summary>
    public string CommandLine => string.Create(CultureInfo.InvariantCulture,
        $"period={Period:x} units={Units:x} rounds={Rounds:x} begin={Begin:x} say={Say:x} {Words}").TrimEnd();

    /// <summary>Ticks of a span.</summary>
    public static long Ticks(double seconds) => (long)(seconds * TicksPerSecond);

    /// <summary>Seconds of some ticks.</summary>
    public static double Seconds(double ticks) => ticks / TicksPerSecond;
}
