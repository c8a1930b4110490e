using System;
using System.Collections.Generic;
using Pocketvisor.Keeper.Devices.Tests.Fakes;

namespace Pocketvisor.Fuzz.Devices;

/// <summary>The hostile guest of the disk tests, its neighbour and all that they check, with the input in the place of chance.</summary>
public sealed class BlockTarget : IFuzzTarget
{
    public IEnumerable<byte[]> Seeds
    {
        get
        {
            for (int seed = 1; seed <= 6; seed++)
            {
                byte[] bytes = new byte[400];
                new Random(seed).NextBytes(bytes);
                yield return bytes;
            }
        }
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        DiskFuzzer fuzzer = new(choices);
        while (choices.HasMore) fuzzer.Step();
        fuzzer.CheckAll();
    }
}
