using System;
using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Pocketvisor.Flash.Tests;

public sealed class ModelTests
{
    [Theory]
    [InlineData(2 << 20, "512", 300)]
    [InlineData(4 << 20, "4K", 200)]
    [InlineData(512 << 10, "512", 200)] // gets full
    [InlineData(64 << 20, "32K", 100)]
    public void AVolumeIsADictionary(int bytes, string cluster, int rounds)
    {
        FakeDevice fresh = Tools.Mkfs(bytes < 1 << 20 ? 1 << 20 : bytes, cluster);
        int round = 0;
        Prop.ForAll<(byte Kind, byte Which, ushort Amount)[]>(numbers =>
        {
            // Numbers, so that FsCheck can make a failing sequence short.
            Step[] steps = Array.ConvertAll(numbers, x => new Step((StepKind)(x.Kind % 9), x.Which, (ushort)(x.Amount * 257)));
            FakeDevice device = fresh.Clone();
            ExFatVolume volume = VolumeTests.Mount(device);
            if (bytes < 1 << 20) VolumeTests.Ok(volume.CreateFile(volume.Root, "ballast"u8, volume.FreeBytes - 100_000, out _));
            SortedDictionary<string, byte[]> model = PlainReaderFiles(volume, device);
            foreach (Step step in steps)
            {
                (FlashStatus status, SortedDictionary<string, byte[]> after) = step.Apply(ref volume, device, model);
                if (status == FlashStatus.Ok) model = after;
            }
            VolumeTests.Ok(volume.Flush());
            PlainReader reader = PlainReader.Read(device);
            Assert.Equal(PlainReader.Summarise(model), reader.Summary);
            Assert.Equal(0, reader.Lost);
            if (round++ % 10 == 0) Tools.Fsck(device);
            Assert.Equal(volume.FreeBytes, VolumeTests.Mount(device).FreeBytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(rounds).WithEndSize(100));
    }

    private static SortedDictionary<string, byte[]> PlainReaderFiles(ExFatVolume volume, FakeDevice device)
    {
        VolumeTests.Ok(volume.Flush());
        return PlainReader.Read(device).Files;
    }
}
