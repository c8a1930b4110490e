using System.Globalization;

namespace Pocketvisor.Cli.Bench;

/// <summary>Something that fio does with a disk, past the guest's page cache.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Pattern">fio's name for what it does.</param>
/// <param name="BlockKilobytes">Size of each request.</param>
/// <param name="Depth">Requests in flight.</param>
/// <param name="Goal">The share of the bare guest's throughput that a profile shall reach; null if there is no promise.</param>
public sealed record FioJob(string Name, string Pattern, int BlockKilobytes, int Depth, double? Goal = null)
{
    /// <summary>What is measured. 128 kB is what Linux reads ahead.</summary>
    public static readonly IReadOnlyList<FioJob> All =
    [
        new("sequential read, 128 kB, 4 in flight", "read", 128, 4, Goal: 0.7),
        new("sequential write, 128 kB, 4 in flight", "write", 128, 4, Goal: 0.7),
        new("random read, 4 kB, 16 in flight", "randread", 4, 16, Goal: 0.5),
        new("random write, 4 kB, 16 in flight", "randwrite", 4, 16, Goal: 0.5),
        new("random read, 4 kB, 1 in flight", "randread", 4, 1),
        new("random write, 4 kB, 1 in flight", "randwrite", 4, 1),
    ];

    /// <summary>Whether its requests are so small that their number counts, not their bytes.</summary>
    public bool IsRandom => Pattern.StartsWith("rand", StringComparison.Ordinal);

    /// <summary>The command line. The first second doesn't count: QEMU translates the guest's code while it runs for the first time.</summary>
    public string Command(string disk, int seconds) => string.Create(CultureInfo.InvariantCulture,
        $"fio --name=job --filename={disk} --direct=1 --ioengine=libaio --rw={Pattern} --bs={BlockKilobytes}k --iodepth={Depth} --time_based --runtime={seconds} --ramp_time=1 --randrepeat=0 --norandommap --percentile_list=99 --output-format=json");
}
