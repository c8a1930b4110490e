using System;
using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Allocation;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

/// <summary>Against a second, deliberately simple allocator: one flag a granule.</summary>
public sealed class RangeAllocatorTests
{
    private const int Granules = 64;
    private const ulong Granule = 0x20_0000, Base = 0x4000_0000;

    [Fact]
    public void IsFirstFitAndLosesNothing() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        RangeAllocator allocator = new(Granule, Granules);
        bool[] free = new bool[Granules];
        if (!allocator.TryRelease(Base, Granules * Granule)) return false;
        Array.Fill(free, true);
        List<(ulong Address, ulong Size)> held = [];
        for (int i = 0; i < 200; i++)
        {
            if (held.Count != 0 && random.Next(2) == 0)
            {
                int at = random.Next(held.Count);
                (ulong address, ulong size) = held[at];
                held.RemoveAt(at);
                if (!allocator.TryRelease(address, size)) return false;
                if (allocator.TryRelease(address, size)) return false; // twice
                Fill(free, address, size, true);
            }
            else
            {
                ulong size = (ulong)random.Next(1, 12) * Granule;
                int expected = FirstFit(free, (int)(size / Granule));
                bool got = allocator.TryAllocate(size - (ulong)random.Next(2), out ulong address);
                if (got != expected >= 0) return false;
                if (!got) continue;
                if (address != Base + (ulong)expected * Granule) return false;
                Fill(free, address, size, false);
                held.Add((address, size));
            }
            if (allocator.Free != (ulong)Array.FindAll(free, f => f).Length * Granule) return false;
        }
        foreach ((ulong address, ulong size) in held) allocator.TryRelease(address, size);
        return allocator.Largest == Granules * Granule && allocator.Free == allocator.Largest;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void OnlyWholeGranulesAreFree()
    {
        RangeAllocator allocator = new(Granule, 8);
        Assert.True(allocator.TryRelease(Base + 1, 3 * Granule));
        Assert.Equal(2 * Granule, allocator.Free);
        Assert.True(allocator.TryAllocate(2 * Granule, out ulong address));
        Assert.Equal(Base + Granule, address);
        Assert.True(allocator.TryRelease(Base + 1, Granule)); // nothing whole in it
        Assert.Equal(0UL, allocator.Free);
    }

    [Fact]
    public void AFullTableRefusesAndKeepsWhatItHas()
    {
        RangeAllocator allocator = new(Granule, 2);
        Assert.True(allocator.TryRelease(Base, Granule));
        Assert.True(allocator.TryRelease(Base + 2 * Granule, Granule));
        Assert.False(allocator.TryRelease(Base + 4 * Granule, Granule));
        Assert.True(allocator.TryRelease(Base + Granule, Granule)); // joins both
        Assert.Equal(3 * Granule, allocator.Largest);
        Assert.False(allocator.TryAllocate(0, out _));
    }

    private static int FirstFit(bool[] free, int granules)
    {
        for (int i = 0, run = 0; i < Granules; i++)
        {
            run = free[i] ? run + 1 : 0;
            if (run == granules) return i - granules + 1;
        }
        return -1;
    }

    private static void Fill(bool[] free, ulong address, ulong size, bool value) =>
        Array.Fill(free, value, (int)((address - Base) / Granule), (int)(size / Granule));
}
