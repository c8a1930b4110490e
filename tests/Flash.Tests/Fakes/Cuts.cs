using System;
using System.Collections.Generic;

namespace Pocketvisor.Flash.Tests;

/// <summary>What a device may hold after a loss of power at any moment: what was flushed, and of the rest whatever it likes.</summary>
public static class Cuts
{
    /// <param name="before">The device before it recorded.</param>
    /// <param name="log">What it recorded.</param>
    /// <param name="from">The first entry of the log before which to cut.</param>
    public static IEnumerable<FakeDevice> Of(FakeDevice before, List<SectorWrite> log, int from = 0)
    {
        FakeDevice flushed = before.Clone();
        int done = 0;
        Random random = new(log.Count);
        for (int cut = from; cut <= log.Count; cut++)
        {
            int lastFlush = cut == 0 ? -1 : log.FindLastIndex(cut - 1, write => write is null);
            for (; done <= lastFlush; done++)
                if (log[done] is { } write) flushed.Put(write.Sector, write.Bytes);

            yield return With(flushed, log, done, cut, _ => true);
            if (cut - done > 1) yield return With(flushed, log, done, cut, _ => random.Next(2) == 0);
            if (cut - done > 1) yield return With(flushed, log, done, cut, i => i == cut - 1); // the last one came first
        }
    }

    private static FakeDevice With(FakeDevice flushed, List<SectorWrite> log, int from, int to, Func<int, bool> arrived)
    {
        FakeDevice device = flushed.Clone();
        for (int i = from; i < to; i++)
            if (log[i] is { } write && arrived(i)) device.Put(write.Sector, write.Bytes);
        return device;
    }
}
