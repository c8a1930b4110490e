using Pocketvisor.Cli.Bench;

namespace Pocketvisor.Bench.Tests;

/// <summary>A start takes what was promised, and what it took before.</summary>
public class BootTests
{
    [Fact]
    public async Task AStartTakesWhatIsPromisedAndRecorded()
    {
        var bench = new BootBench(Bench.Repository, await Bench.TaxGuestAsync());
        var report = await bench.RunAsync(await BenchConditions.NowAsync(Bench.Repository, default), xen: null, _ => { }, default);

        var entry = report.Rows.Single(row => row.Name == BootReport.Entry);
        Assert.True(entry.Kept, $"{entry.Name}: {entry.Profile:#,0} instructions; fewer than {entry.Promise:#,0} are promised");
        Bench.AssertAsRecorded("boot", entry.Name, entry.Profile);
    }
}
