using System.CommandLine;
using System.Text.Json;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket profile list</c>: profiles wherever they are.</summary>
public static class ProfileListCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var on = new Option<string?>("--on") { Description = "Only those on this handset.", HelpName = "HANDSET" };
        var json = CommonOptions.Json();
        var command = new DocumentedCommand("list", new HelpText(
            "Show every profile: on this PC (profiles/, samples/) and on each handset, off or up.",
            "",
            [
                "pocket profile list",
                "pocket profile list --on phone-b",
                "pocket profile list --json | jq -r '.profiles[] | select(.where == \"phone\") | .name'",
            ])) { on, json };
        command.Aliases.Add("ls");
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var error = parsed.InvocationConfiguration.Error;
            List<StoredProfileView> profiles = parsed.GetValue(on) is null ? [.. OnPc(repository)] : [];
            foreach (var handset in parsed.GetValue(on) is { } one ? [one] : StoredHandset.Names(repository))
            {
                try
                {
                    profiles.AddRange(await OnHandsetAsync(repository, handset, cancellation));
                }
                catch (Exception e) when (parsed.GetValue(on) is null && e is UserException or HandsetException)
                {
                    error.WriteLine($"pocket: {handset}: {e.Message}"); // The others can still be shown.
                }
            }
            if (parsed.GetValue(json))
                parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(new { profiles }, ControlJson.Pretty));
            else
                Show(parsed.InvocationConfiguration.Output, profiles);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show(TextWriter output, IReadOnlyList<StoredProfileView> profiles)
    {
        var table = new Listing(["NAME", "WHERE", "STATE"], ["SIZE"]);
        foreach (var profile in profiles)
            table.Add(profile.Name, profile.State is null ? $"{profile.Where}/" : profile.Where, Listing.State(profile.State ?? "–"), StorageSize.Show(profile.Bytes));
        table.Write(output);
    }

    // Whatever is wrong with a manifest, the folder is there: it is shown by its name and what is in it.
    private static IEnumerable<StoredProfileView> OnPc(Repository repository) =>
        ProfileFolders.Folders(repository).Select(folder => new StoredProfileView(
            Path.GetFileName(folder), Path.GetFileName(Path.GetDirectoryName(folder)!), null,
            new DirectoryInfo(folder).EnumerateFiles().Where(file => !file.Name.StartsWith('.')).Sum(file => file.Length)));

    private static async Task<IEnumerable<StoredProfileView>> OnHandsetAsync(Repository repository, string handset, CancellationToken cancellation)
    {
        await using var flash = await HandsetProfiles.OpenAsync(repository, handset, cancellation);
        var contents = await flash.ListAsync(cancellation);
        return [.. contents.Profiles.Select(profile => new StoredProfileView(profile.Name, handset, HandsetProfiles.State(profile), profile.Bytes))];
    }
}
