using Pocketvisor.Cli.Host;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// What a hypervisor takes of the processor: the same kernel, initrd and device tree do the same work bare, as a profile, and under Xen, and each
/// counts its instructions by its own clock. Each run has a machine of its own.
/// </summary>
public sealed class TaxBench(Repository repository, TaxGuest guest)
{
    // What makes processes differs from boot to boot by some tenths of a percent, so there are several, and the least counts: see TaxRun.Least.
    private const int Boots = 5, FewBoots = 3, XenBoots = 2;
    private const string NoMitigations = "mitigations=off nokaslr";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private static readonly MemorySize HandsetMemory = new(1L << 30), SharedMemory = new(1536L << 20);

    private readonly BenchFolder _folder = new(repository);

    /// <summary>Measures.</summary>
    /// <param name="conditions">For the report.</param>
    /// <param name="xen">The peer; null to leave it out.</param>
    /// <param name="report">Is told what it is at.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<TaxReport> RunAsync(BenchConditions conditions, XenPeer? xen, Action<string> report, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("pocket-");
        try
        {
            // Counted instructions don't mind company, so two machines run at a time where there are cores for them.
            using var both = new SemaphoreSlim(Environment.ProcessorCount > 1 ? 2 : 1);
            var one = LaneAsync(() => OneCoreAsync("", "", Boots, report, Path.Combine(folder.FullName, "one.dtb"), cancellation));
            var off = LaneAsync(() => OneCoreAsync("-off", NoMitigations, FewBoots, report, Path.Combine(folder.FullName, "off.dtb"), cancellation));
            var two = LaneAsync(() => TwoCoresAsync(report, Path.Combine(folder.FullName, "two.dtb"), cancellation));
            var peer = LaneAsync(() => XenAsync(xen, "", "", report, cancellation));
            var peerOff = LaneAsync(() => XenAsync(xen, "-off", NoMitigations, report, cancellation));
            await one;
            var shared = LaneAsync(() => SharedAsync(report, Path.Combine(folder.FullName, "one.dtb"), cancellation));
            await Task.WhenAll(one, off, two, peer, peerOff, shared);

            var (bare, profile, exits) = await one;
            return new TaxReport(
                conditions, xen?.Version,
                TaxTable.Make("one core", bare, profile, await peer),
                TaxTable.Make($"one core, {NoMitigations}", (await off).Bare, (await off).Profile, await peerOff),
                await two, await shared, TaxReport.Rate(exits, profile));

            async Task<T> LaneAsync<T>(Func<Task<T>> run)
            {
                await both.WaitAsync(cancellation);
                try
                {
                    return await run();
                }
                finally
                {
                    both.Release();
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Measures one guest on one core, once: enough to see whether the promise is kept.</summary>
    public async Task<TaxTable> OnceAsync(Action<string> report, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("pocket-");
        try
        {
            var (bare, profile, _) = await OneCoreAsync("-once", "", 1, report, Path.Combine(folder.FullName, "once.dtb"), cancellation);
            return TaxTable.Make("one core", bare, profile, null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<(TaxRun Bare, TaxRun Profile, ulong Exits)> OneCoreAsync(string log, string words, int boots, Action<string> report, string tree, CancellationToken cancellation)
    {
        List<TaxRun> profiles = [], bares = [];
        ulong exits = 0;
        for (var boot = 1; boot <= boots; boot++)
        {
            report($"one core{(words.Length > 0 ? ", " + words : "")}, boot {boot} of {boots}");
            var (run, left) = await ProfileAsync($"tax-profile{log}-{boot}", $"tax=suite tree=show {words}", 1, cancellation);
            (profiles, exits) = ([.. profiles, run], left);
            await TaxTree.WriteAsync(run.Tree, tree, cancellation); // with other seeds each time
            bares.Add(await BareAsync($"tax-bare{log}-{boot}", $"tax=suite tree=show {words}", 1, tree, cancellation));
        }
        return (TaxRun.Least(bares), TaxRun.Least(profiles), exits);
    }

    private async Task<TaxRun?> XenAsync(XenPeer? xen, string log, string words, Action<string> report, CancellationToken cancellation)
    {
        if (xen is null)
            return null;
        List<TaxRun> runs = [];
        for (var boot = 1; boot <= XenBoots; boot++)
        {
            report($"under Xen, boot {boot} of {XenBoots}");
            runs.Add(Keep($"tax-xen{log}-{boot}", string.Join('\n', await xen.RunAsync(Machine($"tax=suite {words}"), TaxRun.Done, Patience, cancellation))));
        }
        return TaxRun.Least(runs);
    }

    private async Task<TaxRow> TwoCoresAsync(Action<string> report, string tree, CancellationToken cancellation)
    {
        report("two cores");
        var (profile, _) = await ProfileAsync("tax-profile-two", "tax=suite tree=show", 2, cancellation);
        await TaxTree.WriteAsync(profile.Tree, tree, cancellation);
        var bare = await BareAsync("tax-bare-two", "tax=suite tree=show", 2, tree, cancellation);
        return TaxTable.Make("two cores", bare, profile, null).Total;
    }

    private async Task<TaxRow> SharedAsync(Action<string> report, string tree, CancellationToken cancellation)
    {
        report("two profiles on one core");
        string[] names = ["one", "two"];
        IReadOnlyList<TaxRun> runs;
        await using (var handset = await StartAsync(SharedMemory, 1, [.. names.Select(name => Profile(name, "tax=share", 1))], cancellation))
            runs = await Task.WhenAll(names.Select(async name => Keep($"tax-share-{name}", await handset.Console(name).WaitForAsync(TaxRun.Done, Patience, cancellation))));
        var alone = await BareAsync("tax-bare-share", "tax=share", 1, tree, cancellation);
        return PiecePace.Compare(alone.Pieces, [.. runs.Select(run => run.Pieces)]);
    }

    private BareMachineOptions Machine(string words) => new()
    {
        Kernel = guest.Kernel,
        Initrd = guest.Initrd,
        CommandLine = TaxGuest.CommandLine(words),
        Memory = TaxGuest.Memory,
        InstructionShift = ExitCount.InstructionShift,
    };

    private async Task<TaxRun> BareAsync(string log, string words, int cores, string tree, CancellationToken cancellation) =>
        Keep(log, string.Join('\n', await BareMachine.RunAsync(Machine(words) with { Cores = cores, DeviceTree = tree }, TaxRun.Done, Patience, cancellation)));

    private async Task<(TaxRun Run, ulong Exits)> ProfileAsync(string log, string words, int cores, CancellationToken cancellation)
    {
        await using var handset = await StartAsync(HandsetMemory, cores, [Profile("tax", words, cores)], cancellation);
        var text = await handset.Console("tax").WaitForAsync(TaxRun.Done, Patience, cancellation);
        return (Keep(log, text), (await handset.StatusAsync("tax", cancellation)).Exits);
    }

    private static ProfileManifest Profile(string name, string words, int cores) => new()
    {
        Name = name,
        Memory = TaxGuest.Memory,
        Cores = cores,
        Kernel = "vmlinuz",
        Initrd = "initrd.img",
        CommandLine = TaxGuest.CommandLine(words),
        Network = Network.None,
    };

    private async Task<Handset> StartAsync(MemorySize memory, int cores, IReadOnlyList<ProfileManifest> profiles, CancellationToken cancellation)
    {
        var (kernel, initrd) = (await File.ReadAllBytesAsync(guest.Kernel, cancellation), await File.ReadAllBytesAsync(guest.Initrd, cancellation));
        return await Handset.StartAsync(new HandsetOptions
        {
            Image = repository.Image,
            BootMedium = [.. profiles.SelectMany(profile => BootMedium.Entries(profile, kernel, initrd))],
            Cores = cores,
            Memory = memory,
            Network = null,
            InstructionShift = ExitCount.InstructionShift,
            BootTimeout = Patience,
        }, cancellation: cancellation);
    }

    private TaxRun Keep(string log, string text)
    {
        _folder.SaveLog(log, text);
        return TaxRun.Parse(text);
    }
}
