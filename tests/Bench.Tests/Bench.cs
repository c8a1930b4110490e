using Pocketvisor.Cli.Bench;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Bench.Tests;

/// <summary>What all of these tests need.</summary>
internal static class Bench
{
    private static readonly Lazy<Task<TaxGuest>> Linux = new(MakeAsync);

    /// <summary>This tree.</summary>
    public static Repository Repository { get; } = Repository.Find();

    /// <summary>The Linux whose work is counted, made once for all.</summary>
    public static Task<TaxGuest> TaxGuestAsync() => Linux.Value;

    /// <summary>What was recorded of a subject.</summary>
    public static IReadOnlyDictionary<string, double> Recorded(string subject)
    {
        var all = RecordedFigures.Load(Repository);
        Assert.True(all.ContainsKey(subject), $"Nothing is recorded of {subject}: run `pocket bench {subject} --record`.");
        return all[subject].Figures;
    }

    /// <summary>Asserts that a figure which doesn't depend on the machine is the recorded one, within a percent.</summary>
    /// <param name="subject">What <c>pocket bench</c> measures it as.</param>
    /// <param name="name">The figure.</param>
    /// <param name="measured">What it is now.</param>
    public static void AssertAsRecorded(string subject, string name, double measured)
    {
        var recorded = Recorded(subject);
        Assert.True(recorded.ContainsKey(name), $"{name} is not recorded: run `pocket bench {subject} --record`.");

        // Half an instruction: of one that costs none or a few, a percent is less than what the mean is rounded to.
        var allowed = Math.Max(0.01 * recorded[name], 0.5);
        Assert.True(
            Math.Abs(measured - recorded[name]) <= allowed,
            $"{subject}: {name} is {measured:#,0.#}; recorded is {recorded[name]:#,0.#}. If that is meant, run `pocket bench {(subject == RecordedFigures.Size ? "exits" : subject)} --record` and put the figure into SPECIFICATION.md.");
    }

    private static async Task<TaxGuest> MakeAsync()
    {
        var guest = new TaxGuest(Repository, await new GuestPreparation(Repository, new Steps()).FilesAsync(default));
        await guest.EnsureAsync(default);
        return guest;
    }
}
