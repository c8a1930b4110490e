using System;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>
/// A guest that does whatever it likes with its disk, for many operations. How many in all, POCKET_FUZZ_OPERATIONS says; the seeds, and
/// so the operations, are always the same ones.
/// </summary>
public sealed class DiskFuzzTests
{
    private const int Worlds = 8;

    private static long Operations =>
        long.TryParse(Environment.GetEnvironmentVariable("POCKET_FUZZ_OPERATIONS"), out long operations) ? operations : 10_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void NothingThatAGuestDoesReachesAnythingElse(int seed)
    {
        DiskFuzzer fuzzer = new(seed);
        for (long i = 0; i < Operations / Worlds; i++)
        {
            try
            {
                fuzzer.Step();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Seed {seed}, operation {i}, {fuzzer.Last}: {e.Message}", e);
            }
        }

        fuzzer.CheckAll();

        // It did get somewhere: most requests are refused, but many are not.
        Assert.True(fuzzer.Transfers > Operations / Worlds / 100, $"{fuzzer.Transfers} transfers");
        Assert.True(fuzzer.Resets > Operations / Worlds / 1000, $"{fuzzer.Resets} resets");
    }
}
