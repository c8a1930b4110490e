using Pocketvisor.Cli.Bench;

namespace Pocketvisor.Cli.Tests;

/// <summary>What is made of the words of the guest that counts what exits cost.</summary>
public class ExitBenchTests
{
    private const string Said = """
        (XEN) d1: exits: frequency=62500000
        exit hypercall rounds=4096 ticks=70656 empty=2048 constant=0
        pocket: something else
        exit timer rounds=4096 ticks=360448 empty=0 constant=3
        exits: done
        """;

    [Fact]
    public void A_tick_is_eight_instructions()
    {
        var counts = ExitCount.Parse(Said);
        Assert.Equal(["hypercall", "timer"], counts.Keys);
        Assert.Equal(134, counts["hypercall"].Instructions);
        Assert.Equal(701, counts["timer"].Instructions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("exits: the device tree names no GICv3 or no timer")]
    [InlineData("exits: frequency=62500000\nexits: done")]
    [InlineData("exit hypercall rounds=4096 ticks=70656 empty=2048 constant=0")]
    [InlineData("exits: frequency=62500000\nexit hypercall rounds=0 ticks=1 empty=1 constant=0")]
    public void Anything_else_is_an_error_that_shows_it(string text) => Assert.Contains(text, Assert.Throws<UserException>(() => ExitCount.Parse(text)).Message);

    [Fact]
    public void A_switch_is_what_is_missing_between_two_guests_on_one_core()
    {
        // Each runs for 1000 instructions, and is away for 1500: the other's 1000 and two switches of 250.
        var guest = new Dictionary<string, ExitCount> { ["here"] = Count(1000), ["away"] = Count(1500) };
        Assert.Equal(250, VcpuSwitch.Instructions(guest, guest));

        // One of them wants longer slices.
        var other = new Dictionary<string, ExitCount> { ["here"] = Count(3000), ["away"] = Count(1500) };
        guest["away"] = Count(3500);
        Assert.Equal(250, VcpuSwitch.Instructions(guest, other));

        static ExitCount Count(long instructions) => new("x", 8, instructions, 0, 0, 62_500_000);
    }

    [Fact]
    public void Limits_are_not_reached_by_touching_them()
    {
        var quantity = new ExitQuantity("x", "x", Promise: 200, Wanted: 100);
        Assert.Equal((true, true), Verdict(99));
        Assert.Equal((true, false), Verdict(100));
        Assert.Equal((false, false), Verdict(200));
        Assert.Equal((null, null), Verdict(null));
        Assert.Equal((null, null), (new ExitFigure(new("x", "x"), 1, 1, 1).Kept, new ExitFigure(new("x", "x"), 1, 1, 1).Reached));

        (bool?, bool?) Verdict(double? count) => (new ExitFigure(quantity, 1, count, 1).Kept, new ExitFigure(quantity, 1, count, 1).Reached);
    }
}
