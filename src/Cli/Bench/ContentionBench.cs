using System.Diagnostics;
using Pocketvisor.Cli.Host;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// A profile that works, and a neighbour that comes and goes. On one core by a clock that counts instructions: there the profile shall get
/// its share. On two cores its own shall be its own; but where instructions are counted, QEMU runs both on one thread. So there it is
/// processor time: of the thread that emulates the profile's core, so that other things that this machine does hardly matter.
/// </summary>
public static class ContentionBench
{
    private const string Name = "worker";

    private const int Skip = 1, Rounds = 3;

    // A round is many times as long as the 5 ms after which a core changes hands, so that where it begins and ends matters little.
    private static readonly PaceWork s_oneCore = new() { Units = 40_000, Rounds = 0 };

    // A fifth of a second or so on a PC.
    private static readonly PaceWork s_twoCores = new() { Units = 20_000, Rounds = 0, Words = "memory" };

    /// <summary>On the same core.</summary>
    public static async Task<IReadOnlyList<ContentionRow>> OneCoreAsync(Repository repository, Action<string> report, CancellationToken cancellation)
    {
        await using var handset = await StartAsync(repository, Disturbance.OfOneCore, s_oneCore, cores: 1, PaceWork.InstructionShift, cancellation);
        var console = handset.Handset.Console(Name);
        report("one core, alone");
        double[] alone = [await ElapsedAsync()];
        List<ContentionRow> rows = [];
        foreach (var each in Disturbance.OfOneCore)
        {
            report($"one core, a neighbour that {each.Name}");
            rows.Add(new ContentionRow(each.Name, each.Weight, 100.0 / (100 + each.Weight), alone, [await BesideAsync(handset, Disturbance.OfOneCore, each, ElapsedAsync, cancellation)]));
        }
        return rows;

        async Task<double> ElapsedAsync() => PaceWork.Seconds((await console.RoundsAsync(Skip, Rounds, () => { }, cancellation)).Average(round => round.Elapsed));
    }

    /// <summary>On another core.</summary>
    /// <param name="repository">Where the images are.</param>
    /// <param name="turns">How often each neighbour comes and goes.</param>
    /// <param name="report">Is told what it is at.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<IReadOnlyList<ContentionRow>> TwoCoresAsync(Repository repository, int turns, Action<string> report, CancellationToken cancellation)
    {
        await using var handset = await StartAsync(repository, Disturbance.OfTwoCores, s_twoCores, cores: 2, instructionShift: null, cancellation);
        var thread = CoreThread.Find(handset.Handset.ProcessId, core: 1); // the keeper places who comes first on the last core
        await Alone(); // QEMU translates the guest's code
        return await TakeTurnsAsync(Disturbance.OfTwoCores, turns, report, Alone, each => BesideAsync(handset, Disturbance.OfTwoCores, each, Alone, cancellation));

        Task<double> Alone() => ProcessorTimeAsync(handset.Handset.Console(Name), thread, cancellation);
    }

    /// <summary>The same by a second core of one machine without Pocketvisor: what the emulator and this machine do to each other.</summary>
    public static Task<IReadOnlyList<ContentionRow>> BareTwoCoresAsync(Repository repository, int turns, Action<string> report, CancellationToken cancellation)
    {
        // The guest's timer is the working core's.
        return TakeTurnsAsync([.. Disturbance.OfTwoCores.Where(each => each.Period == 0)], turns, text => report($"without Pocketvisor, {text}"),
            () => MeasureAsync(s_twoCores), each => MeasureAsync(s_twoCores with { Words = $"{s_twoCores.Words} {each.Word} second-core" }));

        async Task<double> MeasureAsync(PaceWork work)
        {
            await using var bare = BarePace.Start(repository, work, cores: 2, instructionShift: null);
            await bare.Console.ReadyAsync(cancellation); // then QEMU has its threads
            return await ProcessorTimeAsync(bare.Console, CoreThread.Find(bare.ProcessId, core: 0), cancellation);
        }
    }

    private static async Task<IReadOnlyList<ContentionRow>> TakeTurnsAsync(
        IReadOnlyList<Disturbance> disturbances, int turns, Action<string> report, Func<Task<double>> measureAlone, Func<Disturbance, Task<double>> measureBeside)
    {
        var rows = disturbances.Select(each => (Disturbance: each, Alone: new List<double>(), Beside: new List<double>())).ToList();
        for (var turn = 0; turn < turns; turn++)
            foreach (var (disturbance, alone, beside) in rows)
            {
                report($"turn {turn + 1} of {turns}: another core {disturbance.Name}");
                alone.Add(await measureAlone());
                beside.Add(await measureBeside(disturbance));
            }
        return [.. rows.Select(row => new ContentionRow(row.Disturbance.Name, row.Disturbance.Weight, 1, row.Alone, row.Beside))];
    }

    private static Task<PaceHandset> StartAsync(
        Repository repository, IReadOnlyList<Disturbance> disturbances, PaceWork work, int cores, int? instructionShift, CancellationToken cancellation)
    {
        // 8 MB for the image and its device tree, 1 or 16 for what they touch.
        var memory = new MemorySize(32 << 20);
        var neighbours = disturbances.Select(each => new PaceProfile(Neighbour(disturbances, each), new PaceWork { Period = each.Period, Words = each.Word })
        {
            Memory = memory,
            Weight = each.Weight,
            Autostart = false,
        });
        return PaceHandset.StartAsync(repository, [new PaceProfile(Name, work) { Memory = memory }, .. neighbours], cores, new MemorySize(1L << 30), instructionShift, cancellation);
    }

    private static async Task<double> BesideAsync(
        PaceHandset handset, IReadOnlyList<Disturbance> disturbances, Disturbance disturbance, Func<Task<double>> measure, CancellationToken cancellation)
    {
        var neighbour = Neighbour(disturbances, disturbance);
        await handset.Handset.StartAsync(neighbour, cancellation: cancellation);
        await handset.Handset.Console(neighbour).DisturbsAsync(cancellation);
        var measured = await measure();
        await handset.Handset.StopAsync(neighbour, force: true, cancellation: cancellation);
        return measured;
    }

    // The guest says how long a round took, and Linux how much of the time its core's thread ran meanwhile. Not more directly: lines come late
    // where the machine is busy, so a round's processor time can't be read off when it begins and ends.
    private static async Task<double> ProcessorTimeAsync(ProfileConsole console, CoreThread thread, CancellationToken cancellation)
    {
        var (watch, from) = (new Stopwatch(), 0.0);
        var rounds = await console.RoundsAsync(Skip, Rounds, () =>
        {
            from = thread.Seconds();
            watch.Start();
        }, cancellation);
        return PaceWork.Seconds(rounds.Average(round => round.Elapsed)) * (thread.Seconds() - from) / watch.Elapsed.TotalSeconds;
    }

    private static string Neighbour(IReadOnlyList<Disturbance> disturbances, Disturbance disturbance) => $"neighbour-{disturbances.Index().First(each => each.Item == disturbance).Index}";
}
