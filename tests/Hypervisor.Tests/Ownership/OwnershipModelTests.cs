using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>Who owns which page, against a reference model, through histories of hypercalls from the keepers and guests of three cores.</summary>
public sealed class OwnershipModelTests(ITestOutputHelper output)
{
    [Fact]
    public void EveryHistoryIsTheModels() => RandomRun.Of(Histories.MemoryStep, output);
}
