using Pocketvisor.Keeper.Scheduling;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

/// <summary>When a vCPU counts as deaf.</summary>
public sealed class WatchdogTests
{
    private readonly InterruptWatch _watch = new(limit: 10);

    [Fact]
    public void AnInterruptThatWaitsForTheLimitIsReportedOnceUntilItHasBeenTaken()
    {
        Assert.False(_watch.Look(100, waits: true, 5)); // since now
        Assert.False(_watch.Look(109, waits: true, 5));
        Assert.True(_watch.Look(110, waits: true, 5));
        Assert.False(_watch.Look(200, waits: true, 5)); // once
        Assert.False(_watch.Look(201, waits: false, 5));
        Assert.False(_watch.Look(202, waits: true, 5));
        Assert.True(_watch.Look(212, waits: true, 5));
    }

    [Fact]
    public void AnotherInterruptMeansThatTheFirstWasTaken()
    {
        for (ulong ran = 0; ran < 100; ran += 9) Assert.False(_watch.Look(ran, waits: true, ran));
        Assert.False(_watch.Look(107, waits: true, 99));
    }

    [Fact]
    public void TimeThatItDidNotRunDoesNotCountAndANewLifeBeginsAnew()
    {
        for (int i = 0; i < 100; i++) Assert.False(_watch.Look(0, waits: true, 0));
        _watch.Reset();
        Assert.False(_watch.Look(10, waits: true, 0));
        Assert.False(_watch.Look(19, waits: true, 0));
        Assert.True(_watch.Look(20, waits: true, 0));
    }
}
