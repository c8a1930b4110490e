using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Drivers;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>The pool over our own driver and device, whose random bytes here are a count: what comes twice is seen.</summary>
public sealed class RandomPoolTests
{
    private readonly ArrayMemory _memory = new(0x7000_0000, 0x1_0000);
    private readonly FakeClock _clock = new();
    private readonly CountingSource _handset = new();
    private readonly VirtioEntropy _device;
    private readonly RandomPool _pool;

    public RandomPoolTests()
    {
        _device = new VirtioEntropy(_handset, _memory, new FakeInterrupts().Line(0));
        _pool = new RandomPool(VirtioRngDriver.Start(new DeviceBus(_device), _memory, _clock), [0xFE, 0xFF], 2);
    }

    [Fact]
    public void IsEmptyUntilItIsFilled()
    {
        byte[] bytes = [1, 2, 3];
        Assert.Equal(0, _pool.Take(bytes));
        Assert.Equal([1, 2, 3], bytes);
        _pool.Refill();
        Assert.Equal(3, _pool.Take(bytes));
    }

    [Fact]
    public void GivesWhatItHas()
    {
        _pool.Refill();
        byte[] bytes = new byte[1000];
        Assert.Equal(VirtioEntropy.BytesPerTick, _pool.Take(bytes));
        Assert.Equal(0, _pool.Take(bytes));
    }

    [Fact]
    public void FillsUpAndThenAsksForNoMore()
    {
        FillUp();
        int given = _handset.Given;
        Assert.InRange(given, RandomPool.Capacity, RandomPool.Capacity + 2048);
        _device.Tick();
        _pool.Refill();
        Assert.Equal(given, _handset.Given);
        Assert.Equal(RandomPool.Capacity, _pool.Take(new byte[RandomPool.Capacity + 1]));
    }

    /// <summary>Takes of any size between refills, and seeds: each of the device's bytes comes out once, or is still inside.</summary>
    [Fact]
    public void NoByteIsGivenTwice()
    {
        Random random = new(1);
        HashSet<int> seen = [];
        for (int i = 0; i < 1000; i++)
        {
            _device.Tick();
            if (random.Next(3) != 0) _pool.Refill();
            // Numbers of two bytes, taken in pairs, so that no pair is torn.
            byte[] bytes = new byte[2 * random.Next(100)];
            int n = random.Next(4) == 0 ? _pool.TakeSeed(bytes) : _pool.Take(bytes);
            Assert.All(bytes[n..], b => Assert.Equal(0, b));
            for (int k = 0; k + 1 < n; k += 2) Assert.True(seen.Add(bytes[k] | bytes[k + 1] << 8));
        }

        Assert.True(seen.Count > 20_000);
        Assert.True(2 * seen.Count <= _handset.Given + 2); // and the boot loader's
    }

    [Fact]
    public void ASeedWaitsForTheDevice()
    {
        byte[] seed = new byte[72];
        Assert.Equal(72, _pool.TakeSeed(seed));
        Assert.Equal(VirtioEntropy.BytesPerTick, _handset.Given);
        Assert.Equal(36, seed.Chunk(2).Select(b => b[0] | b[1] << 8).Distinct().Count());
    }

    [Fact]
    public void ASeedDoesNotWaitForever()
    {
        _handset.IsDry = true;
        byte[] seed = new byte[72];
        Assert.Equal(2, _pool.TakeSeed(seed)); // the boot loader's
        Assert.InRange(_clock.Time, 100_000_000ul, 200_000_000ul);
        Assert.Equal(0, _pool.TakeSeed(seed));

        // The request is still there, and its answer is not lost.
        _handset.IsDry = false;
        _device.Tick();
        _pool.Refill();
        Assert.Equal(72, _pool.TakeSeed(seed));
    }

    [Fact]
    public void WithoutADeviceTheBootLoadersBytesAreForSeedsAndUsedOnce()
    {
        byte[] left = Enumerable.Range(1, 64).Select(i => (byte)i).ToArray();
        RandomPool pool = new(null, left, 32); // of 32 bytes in a larger array
        pool.Refill();
        byte[] a = new byte[24], b = new byte[24];
        Assert.Equal(0, pool.Take(a));
        Assert.Equal(24, pool.TakeSeed(a));
        Assert.Equal(8, pool.TakeSeed(b));
        Assert.Equal(0, pool.TakeSeed(b));
        Assert.Equal(Enumerable.Range(1, 32), a.Concat(b[..8]).Select(i => (int)i).Order());
        Assert.All(left[..32], i => Assert.Equal(0, i)); // nothing remains of what was handed out
    }

    [Fact]
    public void WithoutAnythingThereIsNothing()
    {
        RandomPool pool = new(null, [], 0);
        pool.Refill();
        Assert.Equal(0, pool.Take(new byte[8]));
        Assert.Equal(0, pool.TakeSeed(new byte[8]));
    }

    private void FillUp()
    {
        for (int i = 0; i < 2 * RandomPool.Capacity / VirtioEntropy.BytesPerTick; i++)
        {
            _device.Tick();
            _pool.Refill();
        }
    }

    /// <summary>0, 1, 2, … as 16-bit numbers that do not end before the tests do.</summary>
    private sealed class CountingSource : RandomSource
    {
        public int Given { get; private set; }

        public bool IsDry { get; set; }

        public override int Take(Span<byte> bytes)
        {
            if (IsDry) return 0;
            for (int i = 0; i < bytes.Length; i++, Given++) bytes[i] = (byte)(Given / 2 >> (8 * (Given & 1)));
            return bytes.Length;
        }
    }
}
