using Pocketvisor.Cli.Bench;
using Pocketvisor.Cli.Host;

namespace Pocketvisor.Bench.Tests;

/// <summary>The hypervisor is as small as was promised.</summary>
public class SizeTests
{
    [Fact]
    public void TheHypervisorIsSmallerThanPromisedAndAsRecorded()
    {
        var bytes = new FileInfo(Bench.Repository.Hypervisor).Length;

        Assert.True(bytes < ImageBuild.PromisedHypervisorBytes, $"{bytes:#,0} bytes; fewer than {ImageBuild.PromisedHypervisorBytes:#,0} are promised");
        Bench.AssertAsRecorded(RecordedFigures.Size, RecordedFigures.HypervisorBytes, bytes);
    }
}
