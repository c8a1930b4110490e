using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>
/// A keeper that somebody has taken over: overlapping donations, EL2's pages, devices as memory, control pages lent, a vCPU on two cores, a VM destroyed while it
/// runs, numbers of VMs that are gone, absurd lengths and addresses, Establish once more, any value in any register of its interrupt controller. Nothing of it makes EL2
/// panic, but the one thing that is to: touching what is not the keeper's.
/// </summary>
public sealed class LyingKeeperTests(ITestOutputHelper output)
{
    [Fact]
    public void NeitherPanicsEl2NorGetsAPage() => RandomRun.Of(Histories.HostileStep, output);
}
