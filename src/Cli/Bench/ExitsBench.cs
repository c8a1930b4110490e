using Pocketvisor.Cli.Host;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>What exits cost, counted by a guest of our own (bench/Exits) that runs on every side: alone, with two cores, and beside its like.</summary>
public sealed class ExitsBench(Repository repository)
{
    private const string Done = "exits: done";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly MemorySize GuestMemory = new(16 << 20), HandsetMemory = new(512 << 20);

    private readonly BenchFolder _folder = new(repository);

    /// <summary>Measures.</summary>
    /// <param name="conditions">For the report.</param>
    /// <param name="xen">The peer, which runs the same guest; null to leave it out.</param>
    /// <param name="report">Is told what it is at.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<ExitsReport> RunAsync(BenchConditions conditions, XenPeer? xen, Action<string> report, CancellationToken cancellation)
    {
        report("bare");
        var bare = ExitCount.Parse(await BareAsync("exits-bare", "", 1, cancellation));
        report("bare, two cores");
        var bareIpi = ExitCount.Parse(await BareAsync("exits-bare-ipi", "ipi", 2, cancellation));
        report("as a profile");
        var profile = ExitCount.Parse((await ProfilesAsync("exits-profile", [Guest("exits", "", 1)], 1, cancellation))[0]);
        report("as a profile, two cores");
        var profileIpi = ExitCount.Parse((await ProfilesAsync("exits-profile-ipi", [Guest("exits", "ipi", 2)], 2, cancellation))[0]);
        report("as two profiles on one core");
        var both = await ProfilesAsync("exits-profile-switch", [Guest("one", "switch stay", 1), Guest("two", "switch stay", 1)], 1, cancellation);
        IReadOnlyDictionary<string, ExitCount> peer = new Dictionary<string, ExitCount>();
        if (xen is not null)
        {
            report("under Xen");
            peer = ExitCount.Parse(await RunAsync("exits-xen", options => xen.RunAsync(options, Done, Patience, cancellation), "", 1));
        }
        return new ExitsReport(conditions, xen?.Version,
        [
            .. ExitQuantity.All.Select(quantity => new ExitFigure(
                quantity,
                // Without a hypervisor QEMU itself answers calls, in no time of the guest's.
                quantity.Key == "hypercall" ? null : Find(quantity.Key, bare, bareIpi),
                quantity.Key == ExitQuantity.Switch ? VcpuSwitch.Instructions(ExitCount.Parse(both[0]), ExitCount.Parse(both[1])) : Find(quantity.Key, profile, profileIpi),
                Find(quantity.Key, peer))),
        ]);
    }

    private static double? Find(string key, params IReadOnlyDictionary<string, ExitCount>[] sources) =>
        sources.Select(source => source.TryGetValue(key, out var count) ? count.Instructions : (double?)null).FirstOrDefault(count => count is not null);

    private static ProfileManifest Guest(string name, string commandLine, int cores) => new()
    {
        Name = name,
        Memory = GuestMemory,
        Cores = cores,
        Kernel = "exits.bin",
        CommandLine = commandLine,
        Network = Network.None,
    };

    private Task<string> BareAsync(string log, string commandLine, int cores, CancellationToken cancellation) =>
        RunAsync(log, options => BareMachine.RunAsync(options, Done, Patience, cancellation), commandLine, cores);

    private async Task<string> RunAsync(string log, Func<BareMachineOptions, Task<IReadOnlyList<string>>> run, string commandLine, int cores)
    {
        var lines = await run(new BareMachineOptions
        {
            Kernel = _folder.ExitsGuest,
            CommandLine = commandLine,
            Cores = cores,
            Memory = GuestMemory,
            InstructionShift = ExitCount.InstructionShift,
        });
        var text = string.Join('\n', lines);
        _folder.SaveLog(log, text);
        return text;
    }

    private async Task<IReadOnlyList<string>> ProfilesAsync(string log, IReadOnlyList<ProfileManifest> guests, int cores, CancellationToken cancellation)
    {
        var kernel = await File.ReadAllBytesAsync(_folder.ExitsGuest, cancellation);
        await using var handset = await Handset.StartAsync(new HandsetOptions
        {
            Image = repository.Image,
            BootMedium = [.. guests.SelectMany(guest => BootMedium.Entries(guest, kernel, default))],
            Cores = cores,
            Memory = HandsetMemory,
            Network = null,
            InstructionShift = ExitCount.InstructionShift,
        }, cancellation: cancellation);
        var texts = await Task.WhenAll(guests.Select(guest => handset.Console(guest.Name).WaitForAsync(Done, Patience, cancellation)));
        _folder.SaveLog(log, string.Join('\n', texts));
        return texts;
    }
}
