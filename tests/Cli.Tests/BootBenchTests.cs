using Pocketvisor.Cli.Bench;

namespace Pocketvisor.Cli.Tests;

/// <summary>How a guest's first instruction is found in time.</summary>
public class BootBenchTests
{
    private const string Said = "(XEN) DOM1: exits: frequency=62500000 began=10\nexits: done";

    [Fact]
    public void A_guest_that_nobody_set_back_began_when_it_says() => Assert.Equal(80, BootBench.EntryOf(Said, ""));

    [Fact]
    public void The_last_offset_that_a_hypervisor_set_is_the_guest_s() =>
        Assert.Equal(8 * (10 + 0x100), BootBench.EntryOf(Said, """
            arm_gt_cntvoff_write gt_cntvoff_write: value 0x0
            arm_gt_cntvoff_write gt_cntvoff_write: value 0x100
            arm_gt_cntvoff_write gt_cntvoff_write: value 0x0
            """));

    [Fact]
    public void A_guest_that_says_nothing_is_an_error() => Assert.Throws<UserException>(() => BootBench.EntryOf("exits: done", ""));

    [Theory]
    [InlineData(39e6, true, true)]
    [InlineData(40e6, true, false)]
    [InlineData(124e6, false, false)]
    public void Limits_are_not_reached_by_touching_them(double instructions, bool kept, bool reached)
    {
        var row = new BootRow("x", 0, instructions, null, BootReport.Promise, BootReport.Wanted);
        Assert.Equal((kept, reached), (row.Kept!.Value, row.Reached!.Value));
        Assert.Null((row with { Promise = null }).Kept);
    }
}
