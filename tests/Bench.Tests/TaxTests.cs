using Pocketvisor.Cli.Bench;

namespace Pocketvisor.Bench.Tests;

/// <summary>The tax on the processor is what was promised. It isn't held to a recorded figure: what Linux does differs from boot to boot by more than the tax.</summary>
public class TaxTests
{
    [Fact]
    public async Task NoWorkCostsMoreThanIsPromised()
    {
        var table = await new TaxBench(Bench.Repository, await Bench.TaxGuestAsync()).OnceAsync(_ => { }, default);

        Assert.All(table.Works, work => Assert.True(work.Tax <= TaxReport.Promise, $"{work.Name}: {work.Tax:0.000%}; at most {TaxReport.Promise:0%} are promised"));
        Assert.True(table.Total.Tax <= TaxReport.Promise, $"{table.Total.Name}: {table.Total.Tax:0.000%}");
    }
}
