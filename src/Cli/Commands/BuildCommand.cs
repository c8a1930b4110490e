using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Sizes;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket build</c>: builds everything and says how big it is.</summary>
public static class BuildCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var sizesOption = new Option<bool>("--sizes") { Description = "Show who has which bytes of the hypervisor, by namespace and method, and how that changed since main." };
        var command = new DocumentedCommand("build", new HelpText(
            "Build everything: the hypervisor and the keeper (artifacts/hypervisor.bin, artifacts/pocketvisor.bin), this command and the tests.",
            "",
            [
                "pocket build",
                "pocket build --sizes",
                "pocket build --json",
            ])) { json, sizesOption };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var steps = new Steps();
            await new HostPackages(steps).EnsureAsync(forTests: false, cancellation);
            var build = new ImageBuild(repository, steps);
            await build.BuildAllAsync(cancellation);
            var images = build.Sizes();
            var comparison = parsed.GetValue(sizesOption) ? await CompareAsync(new BaseSizes(repository, steps), cancellation) : null;
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                output.WriteLine(comparison is null ? JsonSerializer.Serialize(images, ControlJson.Pretty) : JsonSerializer.Serialize(comparison, ControlJson.Pretty));
                return ExitCodes.Done;
            }
            if (comparison is not null)
                SizeScreen.Show(output, comparison);
            Show(output, images);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<SizeComparison> CompareAsync(BaseSizes sizes, CancellationToken cancellation)
    {
        var (before, commit) = await sizes.FindAsync(cancellation);
        return SizeComparison.Of(sizes.Here(), before, commit);
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
