using System.Text.Json;

namespace Pocketvisor.Cli.Bench;

/// <summary>What iperf3 measured.</summary>
/// <param name="BitsPerSecond">What arrived.</param>
public sealed record IperfResult(double BitsPerSecond)
{
    /// <summary>Reads iperf3's JSON of one TCP stream, as its client prints it.</summary>
    /// <exception cref="UserException">It isn't that, or says that something went wrong.</exception>
    public static IperfResult Parse(string text) => ProgramJson.Read("iperf3", text, root =>
        root.TryGetProperty("error", out var error) ? throw new UserException($"iperf3 failed: {error.GetString()}.")
        : new IperfResult(root.GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble()));
}
