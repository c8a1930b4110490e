namespace Pocketvisor.Cli.Bench;

/// <summary>So many profiles at once on one core, and what they needed in sum.</summary>
/// <param name="Profiles">How many.</param>
/// <param name="BareTicks">What one of them needs without Pocketvisor, in ticks of the counter.</param>
/// <param name="Ticks">From the first one's begin to the last one's end.</param>
/// <param name="AtWorkTicks">What the profiles had of it, in sum, their own interrupts included.</param>
/// <param name="Switches">How often the core went from one profile to another.</param>
/// <param name="Memory">What was kept meanwhile.</param>
public sealed record ScalePoint(int Profiles, double BareTicks, double Ticks, double AtWorkTicks, long Switches, KeptMemory Memory)
{
    /// <summary>How much longer than the same work one after the other without Pocketvisor; 0.01 is one percent.</summary>
    public double Tax => Ticks / (Profiles * BareTicks) - 1;

    /// <summary>The part of the tax while a profile has the core: its interrupts and what else leaves for the hypervisor.</summary>
    public double TaxAtWork => AtWorkTicks / (Profiles * BareTicks) - 1;

    /// <summary>Instructions from the last of one profile to the first of the next, in the mean; null if nobody had to make room.</summary>
    public double? InstructionsPerSwitch => Switches == 0 ? null : (Ticks - AtWorkTicks) / Switches * PaceWork.InstructionsPerTick;

    /// <summary>Puts what the profiles measured on one clock, the handset's.</summary>
    /// <param name="bare">The same round without Pocketvisor.</param>
    /// <param name="units">Units of work in it.</param>
    /// <param name="rounds">Each profile's round, with the time on the handset's clock at which the profile's own was 0, in ticks.</param>
    /// <param name="memory">What was kept.</param>
    public static ScalePoint Of(PaceRound bare, long units, IReadOnlyList<(double Origin, PaceRound Round)> rounds, KeptMemory memory)
    {
        // A unit of work that was interrupted is work, too.
        var unit = (double)bare.Elapsed / units;
        return new ScalePoint(
            rounds.Count, bare.Elapsed,
            rounds.Max(each => each.Origin + each.Round.To) - rounds.Min(each => each.Origin + each.Round.From),
            rounds.Sum(each => each.Round.Elapsed - each.Round.Away + each.Round.Gaps * unit), rounds.Sum(each => each.Round.Gaps), memory);
    }
}
