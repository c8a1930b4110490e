using System.CommandLine;
using System.Xml.Linq;
using Pocketvisor.Cli.Guests;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket test</c>: every test of the solution.</summary>
public static class TestCommand
{
    // Of the hours that it should have now and then.
    private static readonly TimeSpan Soak = TimeSpan.FromMinutes(3);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var filter = new Option<string?>("--filter") { Description = "Only tests that match, as `dotnet test --filter` takes it.", HelpName = "EXPRESSION" };
        var command = new DocumentedCommand("test", new HelpText(
            "Run every test: install what is missing, build everything, fetch the guests, test the logic on this machine, then boot handsets.",
            "The last line is \"N passed, N failed, N skipped\". The exit code is 1 if a test failed or none ran.",
            [
                "pocket test",
                "pocket test --filter FullyQualifiedName~Manifest",
            ])) { filter };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var output = parsed.InvocationConfiguration.Output;
            var steps = new Steps();
            await new HostPackages(steps).EnsureAsync(forTests: true, cancellation);
            var build = new ImageBuild(repository, steps);
            await build.BuildAllAsync(cancellation);
            BuildCommand.Show(output, build.Sizes());
            var guests = new GuestPreparation(repository, steps);
            await guests.PrepareAsync(Profile.LoadAll(repository.Samples), cancellation);
            await new LabGuest(repository, steps).EnsureAsync(await guests.FilesAsync(cancellation), cancellation);

            var results = Path.Combine(repository.State, "tests");
            if (Directory.Exists(results))
                Directory.Delete(results, recursive: true);
            var total = parsed.GetValue(filter) is null ? await CheckFormatAsync(repository, output, cancellation) : new TestCounts();
            foreach (var project in Projects(repository))
                total += await RunAsync(repository, project, results, parsed.GetValue(filter), output, cancellation);

            if (parsed.GetValue(filter) is null)
                total += await SoakAsync(repository, steps, output, cancellation);

            output.WriteLine();
            if (total.Total == 0)
                output.WriteLine("No test ran; see what --filter says.");
            output.WriteLine(total.ToString());
            return total is { Failed: 0, Total: > 0 } ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    // Counts as one test.
    private static async Task<TestCounts> CheckFormatAsync(Repository repository, TextWriter output, CancellationToken cancellation)
    {
        output.WriteLine();
        output.WriteLine("── dotnet format");
        var result = await Tool.RunAsync("dotnet", ["format", repository.Solution, "--verify-no-changes", "--no-restore"], _ => { }, repository.Root, cancellation: cancellation);
        if (result.Succeeded)
            return new TestCounts(Passed: 1);
        output.WriteLine(result.Tail());
        output.WriteLine("The sources are not formatted: run `dotnet format`.");
        return new TestCounts(Failed: 1);
    }

    // Counts as one test.
    private static async Task<TestCounts> SoakAsync(Repository repository, Steps steps, TextWriter output, CancellationToken cancellation)
    {
        output.WriteLine();
        output.WriteLine("── pocket soak");
        var result = await SoakCommand.RunAsync(repository, steps, Soak, Random.Shared.Next(), cancellation);
        output.WriteLine(result);
        return result.Passed ? new TestCounts(Passed: 1) : new TestCounts(Failed: 1);
    }

    // As the solution lists them, but those that boot handsets last: what is quick to fail, fails first.
    private static IEnumerable<string> Projects(Repository repository) =>
        XDocument.Load(repository.Solution).Descendants("Project").Select(project => (string)project.Attribute("Path")!)
            .Where(path => path.EndsWith(".Tests.csproj", StringComparison.Ordinal))
            .OrderBy(path => path.Contains("Bench.Tests", StringComparison.Ordinal) || path.Contains("Handset.Tests", StringComparison.Ordinal));

    private static async Task<TestCounts> RunAsync(
        Repository repository, string project, string results, string? filter, TextWriter output, CancellationToken cancellation)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var trx = Path.Combine(results, name + ".trx");
        output.WriteLine();
        output.WriteLine($"── {name}");
        string[] arguments =
        [
            "test", Path.Combine(repository.Root, project), "-c", "Release", "--no-build", "-nologo", "-tl:off",
            "--logger", $"trx;LogFileName={trx}", "--logger", "console;verbosity=normal", "--results-directory", results,
            "--blame-hang-timeout", "10m", "--blame-hang-dump-type", "none", // A test that hangs ends, and the handset that it started with it.
        ];
        var report = new TestReport();
        var result = await Tool.RunAsync("dotnet", filter is null ? arguments : [.. arguments, "--filter", filter], line =>
        {
            if (report.IsWorthShowing(line))
                output.WriteLine(line);
        }, repository.Root, cancellation: cancellation);
        if (!File.Exists(trx))
        {
            if (result.Succeeded)
                return new TestCounts(); // Nothing matched the filter.
            output.WriteLine(result.Tail());
            output.WriteLine($"{name} did not run; that counts as one failure.");
            return new TestCounts(Failed: 1);
        }
        var counts = TestCounts.Read(trx);
        output.WriteLine($"   {name}: {counts}");

        // The runner may crash after a test: a failure of its own.
        return !result.Succeeded && counts.Failed == 0 ? counts with { Failed = 1 } : counts;
    }
}
