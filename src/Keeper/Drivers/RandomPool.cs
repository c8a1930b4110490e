using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Machine;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>
/// Random bytes as they come from the handset's entropy device, kept until somebody needs them. The keeper computes none: no
/// generator stretches them, so when they are used up, whoever wants more waits. No byte is given twice.
/// </summary>
public sealed class RandomPool : RandomSource
{
    /// <summary>What every profile's entropy device may take in a second, for 16 profiles.</summary>
    public const int Capacity = 4096;

    private const ulong SeedTimeout = 100_000_000; // nanoseconds

    private readonly VirtioRngDriver _source;
    private readonly byte[] _bytes = new byte[Capacity]; // the first _count wait, the others are 0
    private readonly byte[] _bootSeed;                   // the same
    private int _count, _bootSeedCount;
    private SpinLock _lock; // the last of all: nothing else is taken inside

    /// <param name="source">Null if the handset has no entropy device.</param>
    /// <param name="bootSeed">What the boot loader left; the pool's from now on. For <see cref="TakeSeed"/> only: guests that drink from their devices would leave nothing for the next start.</param>
    /// <param name="bootSeedLength">Bytes of it.</param>
    public RandomPool(VirtioRngDriver source, byte[] bootSeed, int bootSeedLength)
    {
        _source = source;
        _bootSeed = bootSeed;
        _bootSeedCount = bootSeedLength;
    }

    public override int Take(Span<byte> bytes)
    {
        _lock.Enter();
        int n = Move(_bytes, ref _count, bytes);
        _lock.Exit();
        return n;
    }

    /// <summary>Bytes for a guest's start: if there are too few, waits for the device, but not for long; then, what the boot loader left. Core 0 only.</summary>
    /// <returns>How many.</returns>
    public int TakeSeed(Span<byte> bytes)
    {
        int n = Take(bytes);
        if (n < bytes.Length && _source != null) n += _source.Read(bytes.Slice(n), SeedTimeout);
        return n + Move(_bootSeed, ref _bootSeedCount, bytes.Slice(n));
    }

    /// <summary>Takes in what the device has ready, and asks it for more while there is room. Never waits. Core 0 only.</summary>
    public void Refill()
    {
        if (_source == null) return;
        _lock.Enter();
        int n;
        do _count += n = _source.TryRead(new Span<byte>(_bytes, _count, Capacity - _count));
        while (n != 0);
        _lock.Exit();
    }

    // From the end, so that what is left needs no moving.
    private static int Move(byte[] from, ref int count, Span<byte> to)
    {
        int n = Math.Min(count, to.Length);
        Span<byte> taken = new(from, count - n, n);
        taken.CopyTo(to);
        taken.Clear();
        count -= n;
        return n;
    }
}
