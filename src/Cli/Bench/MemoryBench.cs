using Pocketvisor.Cli.Host;
using Pocketvisor.Link;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>How much memory hypervisor and keeper keep, on handsets from 512 MB to 4 GB with none to 16 small profiles that run.</summary>
public static class MemoryBench
{
    private static readonly int[] Megabytes = [512, 1024, 2048, 4096];
    private static readonly int[] Counts = [0, 1, 2, 4, 8, 16];

    /// <summary>Boots each handset and sums up its owner table.</summary>
    public static async Task<IReadOnlyList<KeptMemory>> RunAsync(Repository repository, Action<string> report, CancellationToken cancellation)
    {
        List<KeptMemory> rows = [];
        foreach (var megabytes in Megabytes)
            foreach (var count in Counts)
            {
                report($"{megabytes} MB, {count} profiles");
                PaceProfile[] profiles = [.. Enumerable.Range(1, count).Select(i => new PaceProfile($"p{i}", new PaceWork { Period = 0 }))];
                await using var handset = await PaceHandset.StartAsync(repository, profiles, cores: 1, new MemorySize((long)megabytes << 20), instructionShift: null, cancellation);
                rows.Add(await MeasureAsync(handset, cancellation));
            }
        return rows;
    }

    /// <summary>Waits until every profile runs, and sums up the owner table.</summary>
    public static async Task<KeptMemory> MeasureAsync(PaceHandset handset, CancellationToken cancellation)
    {
        foreach (var name in handset.Handset.ProfileNames)
            await handset.Handset.WaitForStateAsync(name, [LinkProfileState.Running], cancellation: cancellation);
        var list = await handset.Handset.ListAsync(cancellation);
        return KeptMemory.Of(await handset.Handset.OwnersAsync(cancellation), [.. list.Profiles.Where(profile => profile.State == LinkProfileState.Running).Select(profile => profile.MemoryBytes)]);
    }
}
