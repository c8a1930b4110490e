using System.Globalization;
using System.Threading.Tasks;
using Xunit;

namespace Pocketvisor.Handsets.Tests;

/// <summary>Both phones on handsets of other sizes. Four cores: <see cref="TwoPhonesTests"/>.</summary>
public sealed class CoreCountTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task BothPhonesRunOnAnyHandset(int cores)
    {
        await using var handset = await Boots.StartAsync(cores, [.. Boots.Debian("personal", 2), .. Boots.Debian("work", 1)]);
        Assert.Equal(cores, handset.Info.Cores);
        await handset.ShellAsync("personal");
        await handset.ShellAsync("work");
        foreach (var (name, its) in new[] { ("personal", 2), ("work", 1) })
        {
            Assert.Equal(name, await handset.AskAsync(name, "hostname"));
            Assert.Equal(its.ToString(CultureInfo.InvariantCulture), await handset.AskAsync(name, "nproc"));
        }
    }
}
