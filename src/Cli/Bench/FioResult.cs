using System.Text.Json;

namespace Pocketvisor.Cli.Bench;

/// <summary>What fio measured.</summary>
/// <param name="BytesPerSecond">Throughput.</param>
/// <param name="RequestsPerSecond">The same in requests.</param>
/// <param name="MeanMicroseconds">How long a request took.</param>
/// <param name="SlowMicroseconds">How long one in a hundred took at least.</param>
public sealed record FioResult(double BytesPerSecond, double RequestsPerSecond, double MeanMicroseconds, double SlowMicroseconds)
{
    /// <summary>Reads fio's JSON (fio, "JSON output") of one job that either read or wrote. Warnings may stand before it.</summary>
    /// <exception cref="UserException">It isn't that.</exception>
    public static FioResult Parse(string text) => ProgramJson.Read("fio", text, root =>
    {
        var job = root.GetProperty("jobs")[0];
        var (read, write) = (job.GetProperty("read"), job.GetProperty("write"));
        var did = read.GetProperty("total_ios").GetInt64() > 0 ? read : write;
        var complete = did.GetProperty("clat_ns");
        return new FioResult(
            did.GetProperty("bw_bytes").GetDouble(), did.GetProperty("iops").GetDouble(),
            complete.GetProperty("mean").GetDouble() / 1000, complete.GetProperty("percentile").GetProperty("99.000000").GetDouble() / 1000);
    });
}
