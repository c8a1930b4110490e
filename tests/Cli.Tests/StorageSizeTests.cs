using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Tests;

public class StorageSizeTests
{
    [Theory]
    [InlineData("64M", 64L << 20, "64M")]
    [InlineData("1536M", 1536L << 20, "1536M")]
    [InlineData("1024M", 1L << 30, "1G")]
    [InlineData("2048G", 2048L << 30, "2048G")]
    public void A_size_is_a_number_with_a_unit(string text, long bytes, string shortest)
    {
        Assert.True(StorageSize.TryParse(text, out var size));
        Assert.Equal((bytes, shortest), (size.Bytes, size.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("4")]
    [InlineData("4g")]
    [InlineData("-4G")]
    [InlineData("+4G")]
    [InlineData("4.5G")]
    [InlineData("63M")]
    [InlineData("0G")]
    [InlineData("2049G")]
    [InlineData("2147483647G")]
    [InlineData("99999999999G")]
    public void Nothing_else_is(string? text) => Assert.False(StorageSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 kB")]
    [InlineData(1025, "2 kB")]
    [InlineData(1_572_864, "1.5 MB")]
    [InlineData(64 << 20, "64 MB")]
    [InlineData(3L << 30, "3.0 GB")]
    public void An_amount_is_shown_in_few_digits(long bytes, string text) => Assert.Equal(text, StorageSize.Show(bytes));
}
