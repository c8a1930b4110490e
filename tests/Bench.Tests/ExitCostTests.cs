using Pocketvisor.Cli.Bench;

namespace Pocketvisor.Bench.Tests;

/// <summary>Exits cost what was promised, and what they cost before.</summary>
public class ExitCostTests
{
    [Fact]
    public async Task ExitsCostWhatIsPromisedAndRecorded()
    {
        var report = await new ExitsBench(Bench.Repository).RunAsync(await BenchConditions.NowAsync(Bench.Repository, default), xen: null, _ => { }, default);

        Assert.All(report.Figures, figure => Assert.True(figure.Profile is not null, $"{figure.Quantity.Name} was not measured"));
        Assert.All(report.Figures, figure => Assert.False(figure.Kept == false, $"{figure.Quantity.Name}: {figure.Profile:#,0} instructions; fewer than {figure.Quantity.Promise} are promised"));
        Assert.All(report.Figures.Where(figure => figure.Quantity.IsExact), figure => Bench.AssertAsRecorded("exits", figure.Quantity.Key, figure.Profile!.Value));
    }
}
