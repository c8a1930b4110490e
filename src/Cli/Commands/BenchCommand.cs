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
    private delegate Task<IReadOnlyList<Measurement>> Run(BenchGuests guests, BenchOptions options, Action<string> report, CancellationToken cancellation);

    private static readonly (string Subject, string Summary, Run Run)[] Subjects =
    [
        ("disk", "Measure a profile's disk beside the same guest's without Pocketvisor, with fio.", DiskBench.RunAsync),
        ("network", "Measure a profile's network beside the same guest's without Pocketvisor, with iperf3 and ping.", NetworkBench.RunAsync),
    ];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var cores = Number("--cores", 1, 8, "Cores of the handset, of its profile and of the guest without Pocketvisor.", 1);
        var seconds = Number("--seconds", 1, 600, "How long each program measures.", 3);
        var rounds = Number("--rounds", 1, 100, "How often both sides measure everything.", 3);
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("bench", new HelpText(
            "Measure what Pocketvisor costs: a profile's disk and network beside the same guest's without it.",
            "Both guests take turns, with the same kernel, cores, memory and bytes of one flash image. A ratio of 1 is as good as without Pocketvisor; less is worse. The results are in artifacts/bench, too.",
            [
                "pocket bench",
                "pocket bench disk --rounds 9",
                "pocket bench network --json | jq '.[].measurements[] | {name, ratio}'",
            ]));
        foreach (var option in new Option[] { cores, seconds, rounds, json })
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
        command.SetAction((parsed, cancellation) => RunAsync(parsed, Subjects, cancellation));
        foreach (var each in Subjects)
        {
            var one = new DocumentedCommand(each.Subject, new HelpText(each.Summary, "", [$"pocket bench {each.Subject}", $"pocket bench {each.Subject} --rounds 9 --seconds 10"]));
            one.SetAction((parsed, cancellation) => RunAsync(parsed, [each], cancellation));
            command.Subcommands.Add(one);
        }
        return command;

        async Task<int> RunAsync(ParseResult parsed, (string Subject, string Summary, Run Run)[] subjects, CancellationToken cancellation)
        {
            var output = parsed.InvocationConfiguration.Output;
            var reports = await MeasureAsync(subjects, new BenchOptions(parsed.GetValue(cores), parsed.GetValue(seconds), parsed.GetValue(rounds)), cancellation);
            if (parsed.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize(reports, ControlJson.Pretty));
            else
                foreach (var report in reports)
                    report.Show(output);
            return ExitCodes.Done;
        }
    }

    private static async Task<IReadOnlyList<BenchReport>> MeasureAsync((string Subject, string Summary, Run Run)[] subjects, BenchOptions options, CancellationToken cancellation)
    {
        var repository = Repository.Find();
        var steps = new Steps();
        await new HostPackages(steps).EnsureForBenchmarksAsync(cancellation);
        await new ImageBuild(repository, steps).BuildImageAsync(cancellation);
        var guest = await new GuestPreparation(repository, steps).FilesAsync(cancellation);
        await new LabGuest(repository, steps).EnsureAsync(guest, cancellation);
        BenchGuests? guests = null;
        await steps.RunAsync("Starting the same guest twice", async report => guests = await BenchGuests.StartAsync(repository, guest, options.Cores, report, cancellation));
        await using var both = guests!;

        List<BenchReport> reports = [];
        foreach (var (subject, _, run) in subjects)
        {
            var conditions = await BenchConditions.NowAsync(repository, cancellation);
            IReadOnlyList<Measurement> measurements = [];
            await steps.RunAsync($"Measuring the {subject}", async report => measurements = await run(both, options, report, cancellation));
            var result = new BenchReport(subject, conditions, options, measurements);
            result.Save(repository);
            reports.Add(result);
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
