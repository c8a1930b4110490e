using Pocketvisor.Cli.Bench;
using Pocketvisor.Profiles;

namespace Pocketvisor.Bench.Tests;

/// <summary>Hypervisor and keeper keep less memory than was promised.</summary>
public class MemoryTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(16)]
    public async Task AHandsetWithOneGigabyteKeepsLessThanIsPromised(int count)
    {
        PaceProfile[] profiles = [.. Enumerable.Range(1, count).Select(i => new PaceProfile($"p{i}", new PaceWork { Period = 0 }))];
        await using var handset = await PaceHandset.StartAsync(Bench.Repository, profiles, cores: 1, new MemorySize(1 << 30), instructionShift: null, default);
        var kept = await MemoryBench.MeasureAsync(handset, default);

        Assert.Equal(count, kept.Profiles);
        Assert.True(kept.KeptBytes < KeptMemory.Promised, $"{kept.KeptBytes:#,0} bytes are kept; fewer than {KeptMemory.Promised:#,0} are promised");
        Bench.AssertAsRecorded("memory", MemoryReport.Name(count), kept.KeptBytes);
    }
}
