using System.Globalization;

namespace Pocketvisor.Cli.Soak;

/// <summary>What happened in a soak.</summary>
/// <param name="Seed">Of its choices.</param>
/// <param name="Time">How long it was.</param>
/// <param name="Starts">Of profiles.</param>
/// <param name="Stops">Of profiles by their power key.</param>
/// <param name="Kills">Of profiles by force.</param>
/// <param name="Transfers">Profiles that were brought over the link, fetched back, compared and removed.</param>
/// <param name="Questions">Commands in profiles, and lists.</param>
/// <param name="Rounds">Of stress-ng that passed its own checks, as far as they were seen.</param>
/// <param name="Short">Rounds that ended without a verdict, for want of time or memory.</param>
/// <param name="KeptBefore">Bytes that hypervisor and keeper kept at the first measurement, both profiles at work.</param>
/// <param name="KeptAfter">The most that they kept at a later one.</param>
/// <param name="Measurements">How many those were.</param>
/// <param name="Failure">What went wrong; null if nothing did.</param>
public sealed record SoakResult(
    int Seed, TimeSpan Time, int Starts, int Stops, int Kills, int Transfers, int Questions, long Rounds, long Short, ulong KeptBefore, ulong KeptAfter, int Measurements, string? Failure)
{
    /// <summary>Whether all went well.</summary>
    public bool Passed => Failure is null;

    /// <summary>It in some lines.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        soak: {Time:h\:mm\:ss}, seed {Seed}: {Starts:#,0} starts, {Stops:#,0} stops, {Kills:#,0} kills, {Transfers:#,0} transfers, {Questions:#,0} questions; {Rounds:#,0} rounds of stress-ng passed, {Short:#,0} were cut short
        kept by hypervisor and keeper: {KeptBefore:#,0} bytes at first, {KeptAfter:#,0} at most in {Measurements:#,0} later measurements
        {(Failure is null ? "nothing went wrong" : $"FAILED: {Failure}")}
        """);
}
