using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket list</c>: every profile's state.</summary>
public static class ListCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var on = CommonOptions.On();
        var command = new DocumentedCommand("list", new HelpText(
            "Show each profile: state, cores, memory, CPU time and exits per second.",
            "Without a handset it shows the profiles that `pocket up` would start.",
            [
                "pocket list",
                "pocket list --json | jq -r '.profiles[] | select(.state == \"running\") | .name'",
            ])) { json, on };
        command.Aliases.Add("ls");
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var output = parsed.InvocationConfiguration.Output;
            HandsetView? handset = null;
            IReadOnlyList<ProfileView> profiles;
            if (await HandsetChoice.TryUpAsync(repository, parsed.GetValue(on), cancellation) is { } state)
            {
                var reply = await ControlClient.AskAsync(state, new ControlRequest(ControlVerb.List), cancellation);
                (handset, profiles) = (reply.Handset! with { Name = state.Handset }, reply.Profiles ?? []);
            }
            else
            {
                profiles = await OffAsync(repository, parsed.InvocationConfiguration.Error, cancellation);
                if (!parsed.GetValue(json))
                    parsed.InvocationConfiguration.Error.WriteLine("No handset is up; start it with `pocket up`.");
            }
            if (parsed.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize(new { handset, profiles }, ControlJson.Pretty));
            else
                Show(output, handset, profiles);
            return ExitCodes.Done;
        });
        return command;
    }

    // What `pocket up` would start: what is on the default handset's flash, and the samples that it would bring there.
    private static async Task<IReadOnlyList<ProfileView>> OffAsync(Repository repository, TextWriter error, CancellationToken cancellation)
    {
        var manifests = Profile.LoadAll(Repository.Display(repository.Samples)).ToDictionary(profile => profile.Manifest.Name, profile => profile.Manifest);
        if (StoredHandset.Exists(repository, StoredHandset.Default))
        {
            await using var flash = await HandsetProfiles.OpenAsync(repository, StoredHandset.Default, cancellation);
            foreach (var profile in (await flash.ListAsync(cancellation)).Profiles.Where(profile => !profile.IsUnfinished))
            {
                try
                {
                    manifests[profile.Name] = ManifestReader.Read($"{profile.Name}/{ProfileManifest.FileName} on {flash.Handset}", await flash.ManifestAsync(profile.Name, cancellation));
                }
                catch (ProfileException e)
                {
                    error.WriteLine($"pocket: {e.Message}"); // The others can still be shown.
                }
            }
        }
        return [.. manifests.Values.OrderBy(manifest => manifest.Name, StringComparer.Ordinal).Select(manifest =>
            new ProfileView(manifest.Name, "off", manifest.Cores, (ulong)manifest.Memory.Bytes, manifest.Weight, 0, 0, 0, 0, null))];
    }

    private static void Show(TextWriter output, HandsetView? handset, IReadOnlyList<ProfileView> profiles)
    {
        var table = new Listing(["NAME", "STATE"], ["CORES", "MEMORY", "CPU TIME", "CPU", "EXITS/S", "UPTIME"]);
        foreach (var profile in profiles)
        {
            table.Add(
                profile.Name, Listing.State(profile.State), Number($"{profile.Cores}"), Megabytes(profile.MemoryBytes),
                Number($"{profile.CpuSeconds:0.0} s"), Number($"{profile.CpuPercent:0} %"), Number($"{profile.ExitsPerSecond:0}"), Duration(profile.UptimeSeconds));
        }
        table.Write(output);
        foreach (var profile in profiles.Where(profile => profile.Reason is not null))
            output.WriteLine($"{profile.Name}: {profile.Reason}");
        if (handset is not null)
            output.WriteLine(Number($"{handset.Name}: {(handset.Cores == 1 ? "1 core" : $"{handset.Cores} cores")}, {handset.MemoryBytes >> 20} MB; hypervisor keeps {handset.HypervisorBytes / 1048576.0:0.0} MB, keeper {handset.KeeperBytes / 1048576.0:0.0} MB; up {Duration(handset.UptimeSeconds)}"));
    }

    private static string Number(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Megabytes(ulong bytes) => Number($"{bytes >> 20} MB");

    private static string Duration(double seconds) => seconds <= 0 ? "–" : TimeSpan.FromSeconds(seconds).ToString(seconds < 86400 ? @"h\:mm\:ss" : @"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
}
