namespace Pocketvisor.Cli.Bench;

/// <summary>Throughput and latency of a guest's disk, with fio.</summary>
public static class DiskBench
{
    /// <summary>Measures.</summary>
    public static async Task<IReadOnlyList<Measurement>> RunAsync(BenchGuests guests, BenchOptions options, Action<string> report, CancellationToken cancellation)
    {
        var rows = FioJob.All.Select(job => (Job: job,
            Throughput: new Measurement(job.Name, job.IsRandom ? "requests/s" : "MB/s", Goal: job.Goal),
            Mean: new Measurement("  mean latency", "µs", LessIsBetter: true),
            Slow: new Measurement("  99th percentile", "µs", LessIsBetter: true))).ToList();
        for (var round = 0; round < options.Rounds; round++)
            foreach (var row in rows)
                foreach (var side in BenchTurns.Of(round))
                {
                    report($"round {round + 1} of {options.Rounds}: {row.Job.Name}, {side}");
                    var result = FioResult.Parse(await guests.RunAsync(side, row.Job.Command(BenchGuests.Disk, options.Seconds), cancellation));
                    row.Throughput.Add(side, row.Job.IsRandom ? result.RequestsPerSecond : result.BytesPerSecond / 1e6);
                    row.Mean.Add(side, result.MeanMicroseconds);
                    row.Slow.Add(side, result.SlowMicroseconds);
                }
        return [.. rows.SelectMany(row => new[] { row.Throughput, row.Mean, row.Slow })];
    }
}
