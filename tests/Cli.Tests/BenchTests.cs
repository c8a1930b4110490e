using Pocketvisor.Cli.Bench;

namespace Pocketvisor.Cli.Tests;

/// <summary>What benchmarks make of the programs' words, and how they compare.</summary>
public class BenchTests
{
    // Shortened from what fio 3.33 prints, with a warning before it.
    private const string Fio = """
        note: both iodepth >= 1 and synchronous I/O engine are selected, queue depth will be capped at 1
        { "fio version" : "fio-3.33", "jobs" : [ { "jobname" : "job", "error" : 0,
            "read" : { "io_bytes" : 0, "bw_bytes" : 0, "iops" : 0.0, "total_ios" : 0, "lat_ns" : { "mean" : 0.0, "N" : 0 } },
            "write" : { "io_bytes" : 48496640, "bw_bytes" : 24236201, "iops" : 5917.041479, "total_ios" : 11840,
                "slat_ns" : { "mean" : 51017.7 }, "clat_ns" : { "mean" : 2600000.5 },
                "lat_ns" : { "min" : 202000, "mean" : 2651018.2, "N" : 11840, "percentile" : { "99.000000" : 6389760 } } } } ] }
        """;

    private const string Iperf = """
        { "start" : { }, "intervals" : [], "end" : { "sum_sent" : { "bits_per_second" : 252000000.5 }, "sum_received" : { "bits_per_second" : 241250000.25 } } }
        """;

    [Fact]
    public void What_fio_wrote_is_read() =>
        Assert.Equal(new FioResult(24236201, 5917.041479, 2651.0182, 6389.76), FioResult.Parse(Fio));

    [Fact]
    public void What_fio_read_is_read_too() =>
        Assert.Equal(FioResult.Parse(Fio), FioResult.Parse(Fio.Replace("\"read\"", "\"other\"").Replace("\"write\"", "\"read\"").Replace("\"other\"", "\"write\"")));

    [Fact]
    public void What_arrived_counts() => Assert.Equal(new IperfResult(241250000.25), IperfResult.Parse(Iperf));

    [Fact]
    public void A_failure_of_iperf3_is_told() =>
        Assert.Equal("iperf3 failed: the server is busy running a test. try again later.",
            Assert.Throws<UserException>(() => IperfResult.Parse("""{ "start": {}, "error": "the server is busy running a test. try again later" }""")).Message);

    [Fact]
    public void Ping_s_mean_is_the_one_in_the_middle() =>
        Assert.Equal(new PingResult(2355), PingResult.Parse("20 packets transmitted, 20 packets received, 0% packet loss\nround-trip min/avg/max = 0.898/2.355/9.814 ms"));

    [Theory]
    [InlineData("")]
    [InlineData("fio: command not found")]
    [InlineData("}{")]
    [InlineData("{ \"jobs\" : [] }")]
    [InlineData("{ \"jobs\" : [ { \"read\" : { \"total_ios\" : 0 }, \"write\" : { \"total_ios\" : 0 } } ] }")]
    [InlineData("{ \"jobs\" : [ { \"read\" : 1 } ] }")]
    public void Anything_else_is_an_error_that_shows_it(string text)
    {
        Assert.Contains(text, Assert.Throws<UserException>(() => FioResult.Parse(text)).Message);
        Assert.Contains(text, Assert.Throws<UserException>(() => IperfResult.Parse(text)).Message);
        Assert.Contains(text, Assert.Throws<UserException>(() => PingResult.Parse(text)).Message);
    }

    [Theory]
    [InlineData(new[] { 3.0 }, 3)]
    [InlineData(new[] { 9.0, 1.0, 2.0 }, 2)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 9.0 }, 3)]
    public void The_median_is_the_middle(double[] numbers, double middle) => Assert.Equal(middle, Measurement.Median(numbers));

    [Fact]
    public void A_ratio_is_one_round_s_and_the_median_counts()
    {
        var throughput = Filled(new Measurement("reading", "MB/s", Goal: 0.7), [100, 400, 200], [80, 200, 150]);
        Assert.Equal([0.8, 0.5, 0.75], throughput.Ratios);
        Assert.Equal((0.75, true), (throughput.Ratio, throughput.Reached));
        Assert.False((throughput with { Goal = 0.76 }).Reached);
        Assert.Null((throughput with { Goal = null }).Reached);
    }

    [Fact]
    public void Of_times_the_shorter_is_the_better() =>
        Assert.Equal([0.5, 2], Filled(new Measurement("waiting", "µs", LessIsBetter: true), [100, 100], [200, 50]).Ratios);

    [Fact]
    public void Each_side_comes_first_in_turn()
    {
        Assert.Equal([BenchSide.Bare, BenchSide.Profile], BenchTurns.Of(0));
        Assert.Equal([BenchSide.Profile, BenchSide.Bare], BenchTurns.Of(1));
    }

    [Theory]
    [InlineData("bench dsik", "There is no command \"bench dsik\"; did you mean \"bench disk\"?")]
    [InlineData("bench --rounds 0", "--rounds must be a number from 1 to 100; it is \"0\".")]
    [InlineData("bench disk --seconds x", "--seconds must be a number from 1 to 600; it is \"x\".")]
    public async Task A_wrong_command_line_says_what_is_right(string line, string sentence)
    {
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.Usage, await PocketCommand.RunAsync(line.Split(' '), TextWriter.Null, error));
        Assert.Contains(sentence, error.ToString());
    }

    private static Measurement Filled(Measurement measurement, double[] bare, double[] profile)
    {
        foreach (var (side, numbers) in new[] { (BenchSide.Bare, bare), (BenchSide.Profile, profile) })
            foreach (var number in numbers)
                measurement.Add(side, number);
        return measurement;
    }
}
