using Pocketvisor.Cli.Bench;
using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Tests;

/// <summary>What memory, scale and contention make of what guests and handset say.</summary>
public class PaceBenchTests
{
    private const string Said = """
        guest: pace: ready
        guest: pace: round 0 187500000 212500016 3 1250000 40
        guest: pace: round 1 212500024 237500048 0 0 40
        guest: pace: sum 8755696459265905914

        """;

    [Fact]
    public void The_command_line_is_in_hexadecimal() =>
        Assert.Equal("period=98968 units=9c40 rounds=1 begin=b2d05e0 say=0 memory", new PaceWork { Units = 40_000, Begin = PaceWork.Ticks(3), Words = "memory" }.CommandLine);

    [Fact]
    public void A_tick_is_eight_instructions() => Assert.Equal(8, PaceWork.InstructionsPerTick);

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Rounds_are_read(string newLine)
    {
        var text = Said.ReplaceLineEndings(newLine);
        Assert.Equal([new PaceRound(0, 187500000, 212500016, 3, 1250000, 40), new PaceRound(1, 212500024, 237500048, 0, 0, 40)], PaceRound.ParseAll(text));
        Assert.Equal(8755696459265905914UL, PaceRound.ParseSum(text));
    }

    [Fact]
    public void Half_a_line_is_no_round() => Assert.Empty(PaceRound.ParseAll("guest: pace: round 0 187500000 212500016 3 1250000 4"));

    [Fact]
    public void Without_a_sum_the_error_shows_what_was_said() =>
        Assert.Contains("guest: unexpected exception", Assert.Throws<UserException>(() => PaceRound.ParseSum("guest: unexpected exception: esr 0")).Message);

    [Fact]
    public async Task Rounds_without_end_count_from_the_first_whole_one_on()
    {
        var console = new ProfileConsole("worker", (_, _) => Task.CompletedTask);
        console.Append("guest: pace: round 6 1 2 0 0 0\nguest: pace: rou"u8);
        var between = 0;
        var rounds = console.RoundsAsync(1, 2, () => between++, CancellationToken.None);
        console.Append("nd 7 10 20 0 0 1\nguest: pace: round 8 20 30 0 0 1\n"u8);
        console.Append("guest: pace: round 9 30 45 0 0 1\nguest: pace: round 10 45 55 0 0 1\n"u8);
        Assert.Equal([9, 10], (await rounds).Select(round => round.Number));
        Assert.Equal(1, between);
    }

    [Fact]
    public void Kept_is_what_is_neither_free_nor_a_profile_s()
    {
        // 1000 pages; one that is lent is a register page, and so the keeper's.
        var kept = KeptMemory.Of(new OwnerTable(KeeperPages: 400, LentPages: 513, HypervisorPages: 87, FreePages: 300, Digest: 0), [512 * 4096]);
        Assert.Equal(new KeptMemory(1000 * 4096, 1, 87 * 4096, 101 * 4096, 512 * 4096, 300 * 4096), kept);
        Assert.Equal(188UL * 4096, kept.KeptBytes);
    }

    /// <summary>
    /// On the handset's clock the first begins at 1000 and the other ends at 3010, so 2010 were needed for twice 1000. The first was away
    /// once, for 700 of which a unit of 10 was its own work.
    /// </summary>
    [Fact]
    public void Scale_puts_every_guest_on_the_handset_s_clock()
    {
        var bare = new PaceRound(0, 0, 1000, 0, 0, 0);
        var point = ScalePoint.Of(
            bare, units: 100, [(900, new PaceRound(0, 100, 1792, 1, 700, 0)), (1300, new PaceRound(0, 400, 1710, 1, 320, 0))], new KeptMemory(0, 2, 0, 0, 0, 0));
        Assert.Equal((2, 2010.0), (point.Profiles, point.Ticks));
        Assert.Equal(0.005, point.Tax, 6);
        Assert.Equal(1692 - 690 + (1310 - 310), point.AtWorkTicks);
        Assert.Equal(2, point.Switches);
        Assert.Equal((2010 - 2002) / 2.0 * 8, point.InstructionsPerSwitch);
    }

    [Fact]
    public void Who_never_makes_room_has_no_cost_of_switching() =>
        Assert.Null(ScalePoint.Of(new PaceRound(0, 0, 1000, 0, 0, 0), 100, [(0, new PaceRound(0, 5, 1006, 0, 0, 0))], new KeptMemory(0, 1, 0, 0, 0, 0)).InstructionsPerSwitch);

    [Fact]
    public void A_profile_that_gets_its_share_pays_no_tax()
    {
        Assert.Equal(0, new ContentionRow("computes", 300, 0.25, [2], [8]).Tax);
        Assert.Equal([0.1, 0.5], new ContentionRow("computes", 100, 0.5, [1, 2], [2.2, 6]).Taxes.Select(tax => Math.Round(tax, 6)));
    }

    [Fact]
    public void The_first_number_of_schedstat_is_processor_time() => Assert.Equal(1.089768213, CoreThread.Parse("1089768213 849281581 5630\n"), 9);
}
