using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket build</c>: builds everything and says how big it is.</summary>
public static class BuildCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("build", new HelpText(
            "Build everything: the hypervisor and the keeper (artifacts/hypervisor.bin, artifacts/pocketvisor.bin), this command and the tests.",
            "",
            [
                "pocket build",
                "pocket build --json",
            ])) { json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var steps = new Steps();
            await new HostPackages(steps).EnsureAsync(forTests: false, cancellation);
            var build = new ImageBuild(repository, steps);
            await build.BuildAllAsync(cancellation);
            var sizes = build.Sizes();
            if (parsed.GetValue(json))
                parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(sizes, ControlJson.Pretty));
            else
                Show(parsed.InvocationConfiguration.Output, sizes);
            return ExitCodes.Done;
        });
        return command;
    }

    internal static void Show(TextWriter output, IReadOnlyList<ImageSize> sizes)
    {
        foreach (var size in sizes)
        {
            var promise = size.Promise is { } limit ? string.Create(CultureInfo.InvariantCulture, $"  (the promise: fewer than {limit:N0}; {(size.Bytes < limit ? $"{limit - size.Bytes:N0} to spare" : $"broken by {size.Bytes - limit + 1:N0}")})") : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size.File,-26} {size.Bytes,9:N0} bytes{promise}"));
        }
    }
}
