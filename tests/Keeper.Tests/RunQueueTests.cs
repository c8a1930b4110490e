using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Scheduling;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

/// <summary>The scheduler's promises, in simulated time.</summary>
public sealed class RunQueueTests
{
    private const ulong Quantum = 1000;

    private sealed class Task : Schedulable
    {
        public ulong Ran;

        /// <summary>Works so long each time it wakes, then sleeps so long; never sleeps if 0.</summary>
        public ulong Burst, Pause;

        public ulong Left, WokeAt, WorstDelay;
        public bool Delayed;
    }

    [Fact]
    public void AloneIsWhoIsReadyAsTheOnlyOne()
    {
        var queue = new RunQueue(4, 1000);
        Task a = new(), b = new();
        Assert.True(queue.TryAdd(a) && queue.TryAdd(b));
        Assert.False(queue.IsAlone);
        queue.Wake(a);
        Assert.True(queue.IsAlone);
        queue.Wake(b);
        Assert.False(queue.IsAlone);
        queue.Sleep(a, 7);
        Assert.True(queue.IsAlone);
        queue.TurnOff(b);
        Assert.False(queue.IsAlone);
    }

    [Fact]
    public void HogsShareByWeight() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        Task[] tasks = Enumerable.Range(0, random.Next(2, 6)).Select(_ => new Task { Weight = random.Next(1, 1001) }).ToArray();
        ulong round = (ulong)tasks.Sum(t => (long)Quantum * t.Weight / 100 + 1);
        Simulate(tasks, 50 * round, random);
        double total = tasks.Sum(t => t.Weight), time = tasks.Sum(t => (double)t.Ran);
        return tasks.All(t => Math.Abs(t.Ran / time - t.Weight / total) < 0.05);
    }).QuickCheckThrowOnFailure();

    /// <summary>A sleeper that wants less than its share gets all that it wants, and soon; the hog gets the rest.</summary>
    [Fact]
    public void SleepersAreServedAtOnce()
    {
        Task hog = new(), sleeper = new() { Burst = 50, Pause = 500 };
        Simulate([hog, sleeper], 1_000_000, new Random(1));
        Assert.InRange(sleeper.Ran, 85_000UL, 95_000UL);
        Assert.InRange(hog.Ran, 900_000UL, 915_000UL);
        Assert.InRange(sleeper.WorstDelay, 0UL, 20UL); // a step of the simulation
    }

    /// <summary>One that sleeps for a moment just before its time is up gains nothing by it.</summary>
    [Fact]
    public void NobodyGainsByShortSleeps()
    {
        foreach (ulong burst in new ulong[] { 100, 500, 900, 990, 1100, 5000 })
        {
            Task hog = new(), cheat = new() { Burst = burst, Pause = 1 };
            Simulate([hog, cheat], 2_000_000, new Random(1));
            Assert.InRange(hog.Ran, 960_000UL, 1_200_000UL);
        }
    }

    [Fact]
    public void NobodyStarvesWhateverTheOthersDo() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        Task[] tasks = Enumerable.Range(0, 5).Select(_ => new Task
        {
            Weight = random.Next(20, 300),
            Burst = (ulong)random.Next(0, 3) * (ulong)random.Next(1, 3000),
            Pause = (ulong)random.Next(1, 100),
        }).ToArray();
        tasks[0].Burst = 0;
        Simulate(tasks, 2_000_000, random);
        double share = (double)tasks[0].Weight / tasks.Sum(t => t.Weight);
        return tasks[0].Ran > 0.9 * share * 2_000_000;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void OneAloneNeedsNoTimer()
    {
        RunQueue queue = new(4, Quantum);
        Task task = new();
        Assert.True(queue.TryAdd(task));
        Assert.Null(queue.Pick(0));
        queue.Wake(task);
        Assert.Same(task, queue.Pick(0));
        Assert.Equal(Schedulable.Never, queue.NextEvent(0));
        queue.Sleep(task, 500);
        Assert.Null(queue.Pick(499));
        Assert.Equal(500UL, queue.NextEvent(499));
        Assert.Same(task, queue.Pick(500));
        queue.TurnOff(task);
        Assert.Null(queue.Pick(1000));
        queue.Remove(task);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void AFullQueueRefuses()
    {
        RunQueue queue = new(1, Quantum);
        Assert.True(queue.TryAdd(new Task()));
        Assert.False(queue.TryAdd(new Task()));
    }

    [Theory]
    [InlineData(new[] { 0, 0, 0, 0 }, 0u, 3)]
    [InlineData(new[] { 0, 0, 0, 100 }, 8u, 2)]
    [InlineData(new[] { 100, 200, 300, 0 }, 8u, 0)]
    [InlineData(new[] { 5 }, 1u, 0)]
    [InlineData(new[] { 100, 0 }, 3u, 1)]
    public void PlacementSpreads(int[] loads, uint used, int core) => Assert.Equal(core, Placement.Choose(loads, used));

    // What the core's loop does, with a clock of its own; a timer may be late by up to 10 ticks.
    private static void Simulate(Task[] tasks, ulong until, Random random)
    {
        RunQueue queue = new(tasks.Length, Quantum);
        foreach (Task task in tasks)
        {
            Assert.True(queue.TryAdd(task));
            queue.Wake(task);
            task.Left = task.Burst;
        }
        for (ulong now = 0; now < until;)
        {
            var task = (Task)queue.Pick(now);
            ulong next = Math.Min(queue.NextEvent(now), until);
            if (task == null)
            {
                now = next;
                continue;
            }
            if (task.Delayed)
            {
                task.Delayed = false;
                task.WorstDelay = Math.Max(task.WorstDelay, now - task.WokeAt);
            }
            ulong ran = Math.Max(1, next - now) + (ulong)random.Next(10);
            bool sleeps = task.Burst != 0 && ran >= task.Left;
            if (sleeps) ran = task.Left;
            now += ran;
            task.Ran += ran;
            task.Left -= task.Burst == 0 ? 0 : ran;
            if (sleeps)
            {
                task.Left = task.Burst;
                task.WokeAt = now + task.Pause;
                task.Delayed = true;
                queue.Sleep(task, now + task.Pause);
            }
            queue.Charge(task, ran);
        }
    }
}
