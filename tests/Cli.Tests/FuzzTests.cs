using Pocketvisor.Cli.Fuzzing;

namespace Pocketvisor.Cli.Tests;

public sealed class FuzzTests : IDisposable
{
    private readonly TemporaryRepository _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("1s", 1)]
    [InlineData("10m", 600)]
    [InlineData("168h", 604_800)]
    public void A_time_is_a_number_with_a_unit(string text, int seconds)
    {
        Assert.True(Duration.TryParse(text, out var time));
        Assert.Equal(seconds, time.TotalSeconds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("10")]
    [InlineData("10M")]
    [InlineData("-1m")]
    [InlineData("1.5m")]
    [InlineData("0m")]
    [InlineData("169h")]
    [InlineData("2147483647h")]
    public void Anything_else_is_none(string? text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void What_a_run_tried_is_read_from_the_fuzzers_sums()
    {
        var folder = new FuzzFolder(_tree.Repository, "exfat");
        Assert.Null(FuzzResult.TryRead(folder));
        var crashes = Directory.CreateDirectory(Path.Combine(folder.Output, "default/crashes")).FullName;
        File.WriteAllText(Path.Combine(folder.Output, "default/fuzzer_stats"), "run_time          : 180\nexecs_done        : 391442\ncorpus_count      : 1200\nedges_found       : 1881\ncommand_line      : afl-fuzz -i a: b\n");
        File.WriteAllText(Path.Combine(crashes, "README.txt"), "");
        File.WriteAllText(Path.Combine(crashes, "id:000000,sig:02"), "");

        var result = FuzzResult.TryRead(folder)!;

        Assert.Equal((391_442, 180, 1881, 1200), (result.Executions, result.Seconds, result.Edges, result.Inputs));
        Assert.Equal([Path.Combine(crashes, "id:000000,sig:02")], result.Crashes);
        Assert.Empty(result.Hangs);
    }

    [Fact]
    public void What_is_found_is_kept_once_with_a_text_that_a_test_can_have()
    {
        var folder = new FuzzFolder(_tree.Repository, "exfat");
        var input = Path.Combine(_tree.Repository.Root, "id:000000");
        File.WriteAllBytes(input, [1, 2, 3]);

        var first = FuzzFinding.Keep(folder, "crash", input, "FoundException: A page comes back");
        var second = FuzzFinding.Keep(folder, "crash", input, null);

        Assert.Equal(first.File, second.File);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(first.File));
        Assert.Equal(2, Directory.GetFiles(folder.Found).Length);
        Assert.Equal("AQID", File.ReadAllLines(first.File + ".txt")[1]);
        Assert.StartsWith("nothing when it runs alone", second.What);
    }

    [Fact]
    public void A_target_has_one_run_at_a_time()
    {
        var folder = new FuzzFolder(_tree.Repository, "exfat");
        using var first = folder.Lock();
        Assert.Equal(ExitCodes.WrongState, Assert.Throws<UserException>(folder.Lock).ExitCode);
    }
}
