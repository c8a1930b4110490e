using System.CommandLine;
using System.Text.Json;
using Pocketvisor.Cli.Bench;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket bench</c>: what Pocketvisor costs a guest.</summary>
public static class BenchCommand
{
    private delegate Task<IReadOnlyList<IBenchReport>> Run(BenchSetting setting, CancellationToken cancellation);

    private static readonly (string Subject, string Summary, string[] Examples, Run Run)[] Subjects =
    [
        ("exits", "Count what it costs a guest to leave for the hypervisor or the keeper, in instructions.",
            ["pocket bench exits", "pocket bench exits --json | jq '.[].figures[] | {name: .quantity.name, profile}'"], ExitsAsync),
        ("boot", "Count the instructions of a start: to the keeper's first line, to a profile's kernel, to its init.",
            ["pocket bench boot", "pocket bench boot --no-xen"], BootAsync),
        ("tax", "Count what a hypervisor takes of the processor: the same Linux does the same work on each side.",
            ["pocket bench tax", "pocket bench tax --no-xen"], TaxAsync),
        ("memory", "Measure what memory hypervisor and keeper keep for themselves, on handsets of several sizes with none to 16 profiles.",
            ["pocket bench memory"], (setting, cancellation) => PaceAsync(setting, "memory that is kept", async (conditions, report) =>
                new MemoryReport(conditions, await MemoryBench.RunAsync(setting.Repository, report, cancellation)), cancellation)),
        ("scale", "Measure what becomes of memory, tax and switches when 1 to 16 profiles share a core.",
            ["pocket bench scale"], (setting, cancellation) => PaceAsync(setting, "many profiles", async (conditions, report) =>
                new ScaleReport(conditions, await ScaleBench.RunAsync(setting.Repository, report, cancellation)), cancellation)),
        ("contention", "Measure what a bad neighbour costs a profile, on the same core and on another.",
            ["pocket bench contention", "pocket bench contention --rounds 9"], (setting, cancellation) => PaceAsync(setting, "bad neighbours", async (conditions, report) =>
                new ContentionReport(
                    conditions, await ContentionBench.OneCoreAsync(setting.Repository, report, cancellation),
                    await ContentionBench.TwoCoresAsync(setting.Repository, setting.Options.Rounds, report, cancellation),
                    await ContentionBench.BareTwoCoresAsync(setting.Repository, setting.Options.Rounds, report, cancellation)), cancellation)),
        ("disk", "Measure a profile's disk beside the same guest's without Pocketvisor, with fio.",
            ["pocket bench disk", "pocket bench disk --rounds 9 --seconds 10"], (setting, cancellation) => TimedAsync(setting, ["disk"], cancellation)),
        ("network", "Measure a profile's network beside the same guest's without Pocketvisor, with iperf3 and ping.",
            ["pocket bench network", "pocket bench network --rounds 9 --seconds 10"], (setting, cancellation) => TimedAsync(setting, ["network"], cancellation)),
    ];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var cores = Number("--cores", 1, 8, "Of disk and network: cores of the handset, of its profile and of the guest without Pocketvisor.", 1);
        var seconds = Number("--seconds", 1, 600, "Of disk and network: how long each program measures.", 3);
        var rounds = Number("--rounds", 1, 100, "Of disk, network and neighbours on another core: how often everything is measured.", 3);
        var alone = new Option<bool>("--no-xen") { Description = "Of what is counted: leave out Debian's Xen, which runs the same guests." };
        var record = new Option<bool>("--record") { Description = "Write the figures that SPECIFICATION.md promises into tests/Bench.Tests/recorded.json: the tests fail when exact ones change by more than 1 percent." };
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("bench", new HelpText(
            "Measure what Pocketvisor costs a guest, beside the same guest's figures without it.",
            "Without a subject: everything. Exits, boot and tax are counted in instructions, the same on every machine and under any load, and the same guests run under Debian's Xen. Of disk and network both guests take turns; a ratio of 1 is as good as without Pocketvisor, less is worse. The results are in artifacts/bench, too.",
            [
                "pocket bench",
                "pocket bench tax --no-xen",
                "pocket bench disk --rounds 9",
                "pocket bench network --json | jq '.[].measurements[] | {name, ratio}'",
            ]));
        foreach (var option in new Option[] { cores, seconds, rounds, alone, record, json })
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
        // Disk and network share their guests.
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed, [.. Subjects.Where(each => each.Subject is not ("disk" or "network")).Select(each => each.Run), (setting, token) => TimedAsync(setting, ["disk", "network"], token)], cancellation));
        foreach (var each in Subjects)
        {
            var one = new DocumentedCommand(each.Subject, new HelpText(each.Summary, "", each.Examples));
            one.SetAction((parsed, cancellation) => RunAsync(parsed, [each.Run], cancellation));
            command.Subcommands.Add(one);
        }
        command.Subcommands.Add(Page());
        return command;

        async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<Run> runs, CancellationToken cancellation)
        {
            var output = parsed.InvocationConfiguration.Output;
            var repository = Repository.Find();
            var steps = new Steps();
            await new HostPackages(steps).EnsureForBenchmarksAsync(cancellation);
            await new ImageBuild(repository, steps).BuildImageAsync(cancellation);
            var setting = new BenchSetting(repository, steps, parsed.GetValue(alone) ? null : new XenPeer(repository, steps), new BenchOptions(parsed.GetValue(cores), parsed.GetValue(seconds), parsed.GetValue(rounds)));
            List<IBenchReport> reports = [];
            foreach (var run in runs)
                foreach (var report in await run(setting, cancellation))
                {
                    new BenchFolder(repository).Save(report);
                    if (!parsed.GetValue(json))
                        report.Show(output);
                    reports.Add(report);
                }
            var page = new BenchFolder(repository).SavePage();
            if (parsed.GetValue(record))
                Console.Error.WriteLine($"Recorded: {Repository.Display(RecordedFigures.Save(repository, await BenchConditions.NowAsync(repository, cancellation), reports))}");
            if (parsed.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize<IEnumerable<object>>(reports, ControlJson.Pretty));
            else
                output.WriteLine($"The plots: {Repository.Display(page)}");
            return ExitCodes.Done;
        }
    }

    private static Command Page()
    {
        var page = new DocumentedCommand("page", new HelpText("Measure nothing: make the page of plots from what has been measured.", "It is artifacts/bench/report.html, which every other `pocket bench` makes, too.", ["pocket bench page"]));
        page.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(Repository.Display(new BenchFolder(Repository.Find()).SavePage())));
        return page;
    }

    private static async Task<IReadOnlyList<IBenchReport>> ExitsAsync(BenchSetting setting, CancellationToken cancellation)
    {
        await new ImageBuild(setting.Repository, setting.Steps).BuildExitsGuestAsync(cancellation);
        return await CountAsync(setting, "Counting what exits cost", new ExitsBench(setting.Repository).RunAsync, cancellation);
    }

    private static async Task<IReadOnlyList<IBenchReport>> BootAsync(BenchSetting setting, CancellationToken cancellation)
    {
        await new ImageBuild(setting.Repository, setting.Steps).BuildExitsGuestAsync(cancellation);
        return await CountAsync(setting, "Counting how long a start takes", new BootBench(setting.Repository, await TaxGuestAsync(setting, cancellation)).RunAsync, cancellation);
    }

    private static async Task<IReadOnlyList<IBenchReport>> TaxAsync(BenchSetting setting, CancellationToken cancellation) =>
        await CountAsync(setting, "Counting what work costs", new TaxBench(setting.Repository, await TaxGuestAsync(setting, cancellation)).RunAsync, cancellation);

    private static async Task<TaxGuest> TaxGuestAsync(BenchSetting setting, CancellationToken cancellation)
    {
        var guest = new TaxGuest(setting.Repository, await new GuestPreparation(setting.Repository, setting.Steps).FilesAsync(cancellation));
        await guest.EnsureAsync(cancellation);
        return guest;
    }

    private static async Task<IReadOnlyList<IBenchReport>> CountAsync<T>(
        BenchSetting setting, string what, Func<BenchConditions, XenPeer?, Action<string>, CancellationToken, Task<T>> run, CancellationToken cancellation) where T : IBenchReport
    {
        if (setting.Xen is { } xen)
            await xen.EnsureAsync(cancellation);
        var conditions = await BenchConditions.NowAsync(setting.Repository, cancellation);
        List<IBenchReport> reports = [];
        await setting.Steps.RunAsync(what, async report => reports.Add(await run(conditions, setting.Xen, report, cancellation)));
        return reports;
    }

    private static async Task<IReadOnlyList<IBenchReport>> PaceAsync(
        BenchSetting setting, string what, Func<BenchConditions, Action<string>, Task<IBenchReport>> measure, CancellationToken cancellation)
    {
        await new ImageBuild(setting.Repository, setting.Steps).BuildPaceGuestAsync(cancellation);
        var conditions = await BenchConditions.NowAsync(setting.Repository, cancellation);
        IBenchReport? result = null;
        await setting.Steps.RunAsync($"Measuring {what}", async report => result = await measure(conditions, report));
        return [result!];
    }

    private static async Task<IReadOnlyList<IBenchReport>> TimedAsync(BenchSetting setting, IReadOnlyList<string> subjects, CancellationToken cancellation)
    {
        var (repository, steps, _, options) = setting;
        var guest = await new GuestPreparation(repository, steps).FilesAsync(cancellation);
        await new LabGuest(repository, steps).EnsureAsync(guest, cancellation);
        BenchGuests? guests = null;
        await steps.RunAsync("Starting the same guest twice", async report => guests = await BenchGuests.StartAsync(repository, guest, options.Cores, report, cancellation));
        await using var both = guests!;

        List<IBenchReport> reports = [];
        foreach (var subject in subjects)
        {
            var conditions = await BenchConditions.NowAsync(repository, cancellation);
            IReadOnlyList<Measurement> measurements = [];
            await steps.RunAsync($"Measuring the {subject}", async report => measurements = subject == "disk"
                ? await DiskBench.RunAsync(both, options, report, cancellation)
                : await NetworkBench.RunAsync(both, options, report, cancellation));
            reports.Add(new BenchReport(subject, conditions, options, measurements));
        }
        return reports;
    }

    private static Option<int> Number(string name, int least, int most, string description, int value)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var number) || number < least || number > most))
                result.AddError($"{name} must be a number from {least} to {most}; it is \"{result.Tokens[0].Value}\"");
        });
        return option;
    }
}
