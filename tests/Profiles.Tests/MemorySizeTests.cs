namespace Pocketvisor.Profiles.Tests;

public class MemorySizeTests
{
    [Theory]
    [InlineData("2M", 2L << 20)]
    [InlineData("384M", 384L << 20)]
    [InlineData("1G", 1L << 30)]
    [InlineData("65536M", 64L << 30)]
    public void Amounts_are_read(string text, long bytes)
    {
        Assert.True(MemorySize.TryParse(text, out var size));
        Assert.Equal(bytes, size.Bytes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("384")]
    [InlineData("1M")]
    [InlineData("0M")]
    [InlineData("-2M")]
    [InlineData("+2M")]
    [InlineData(" 2M")]
    [InlineData("2.5G")]
    [InlineData("65G")]
    [InlineData("9999999999999G")]
    public void Everything_else_is_refused(string? text) => Assert.False(MemorySize.TryParse(text, out _));

    [Theory]
    [InlineData("384M")]
    [InlineData("2G")]
    [InlineData("1026M")]
    public void The_shortest_way_to_write_it_is_used(string text)
    {
        Assert.True(MemorySize.TryParse(text, out var size));
        Assert.Equal(text, size.ToString());
    }
}
