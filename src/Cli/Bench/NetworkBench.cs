using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Cli.Bench;

/// <summary>Throughput and latency of a guest's network, with iperf3 in the guest and on this machine, and ping.</summary>
public static class NetworkBench
{
    // QEMU's documentation, "Network emulation", "Using the user mode network stack": this machine is 10.0.2.2 to guests.
    private const string Pc = "10.0.2.2";
    private const string BringUp = "ip link set eth0 up && ip address replace 10.0.2.15/24 dev eth0";

    /// <summary>Measures.</summary>
    public static async Task<IReadOnlyList<Measurement>> RunAsync(BenchGuests guests, BenchOptions options, Action<string> report, CancellationToken cancellation)
    {
        foreach (var side in BenchTurns.Of(0))
            await guests.RunAsync(side, BringUp, cancellation);

        var port = FreePort();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var server = Tool.RunAsync("iperf3", ["--server", "--bind", "127.0.0.1", "--port", $"{port}"], cancellation: end.Token);
        try
        {
            var up = new Measurement("TCP, guest to PC", "Mbit/s");
            var down = new Measurement("TCP, PC to guest", "Mbit/s");
            var ping = new Measurement("ping, mean", "µs", LessIsBetter: true);
            for (var round = 0; round < options.Rounds; round++)
                foreach (var (measurement, command, read) in new (Measurement, string, Func<string, double>)[]
                {
                    (up, Iperf(port, options.Seconds), text => IperfResult.Parse(text).BitsPerSecond / 1e6),
                    (down, Iperf(port, options.Seconds) + " --reverse", text => IperfResult.Parse(text).BitsPerSecond / 1e6),
                    (ping, $"ping -c 20 -i 0.1 -q {Pc}", text => PingResult.Parse(text).MeanMicroseconds),
                })
                    foreach (var side in BenchTurns.Of(round))
                    {
                        report($"round {round + 1} of {options.Rounds}: {measurement.Name}, {side}");
                        measurement.Add(side, read(await guests.RunAsync(side, command, cancellation)));
                    }
            return [up, down, ping];
        }
        finally
        {
            await end.CancelAsync();
            await server.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    // The first second doesn't count: TCP finds its pace, and QEMU translates.
    private static string Iperf(int port, int seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"iperf3 --client {Pc} --port {port} --time {seconds} --omit 1 --interval 0 --json");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
