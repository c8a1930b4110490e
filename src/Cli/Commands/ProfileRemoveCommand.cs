using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket profile remove NAME</c>: a profile of the user's on this PC, or one on a handset.</summary>
public static class ProfileRemoveCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = CommonOptions.StoredProfile();
        var on = new Option<string?>("--on") { Description = "The handset that has it [default: profiles/ on this PC].", HelpName = "HANDSET" };
        var yes = CommonOptions.Yes();
        var command = new DocumentedCommand("remove", new HelpText(
            "Remove a profile from profiles/ or from a handset, with all that is on its disks. It asks first.",
            "On a handset it also removes what an interrupted push has left.",
            [
                "pocket profile remove lab",
                "pocket profile remove lab --on phone --yes",
            ])) { name, on, yes };
        command.Aliases.Add("rm");
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var profile = parsed.GetValue(name)!;
            if (parsed.GetValue(on) is { } handset)
                await RemoveFromHandsetAsync(repository, handset, profile, parsed.GetValue(yes), cancellation);
            else
                await RemoveFromPcAsync(repository, profile, parsed.GetValue(yes), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"Removed {profile}{(parsed.GetValue(on) is { } from ? $" from {from}" : "")}.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task RemoveFromPcAsync(Repository repository, string profile, bool yes, CancellationToken cancellation)
    {
        var folder = OwnProfiles.Folder(repository, profile);
        await Question.ConfirmAsync($"Remove {Repository.Display(folder)} and all that is in it?", yes, cancellation);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task RemoveFromHandsetAsync(Repository repository, string handset, string profile, bool yes, CancellationToken cancellation)
    {
        await using var flash = await HandsetProfiles.OpenAsync(repository, handset, cancellation);
        var found = await flash.FindAsync(profile, cancellation);
        if (!found.IsUnfinished)
            await flash.FindOffAsync(profile, "removed", cancellation);
        await Question.ConfirmAsync($"Remove {profile} and all that is on its disks from {handset}?", yes, cancellation);
        await flash.RemoveAsync(profile, found.IsUnfinished, cancellation);
    }
}
