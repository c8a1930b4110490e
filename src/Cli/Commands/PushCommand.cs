using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket push PROFILE [HANDSET]</c>: from this PC to a handset.</summary>
public static class PushCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var profile = new Argument<string>("PROFILE") { Description = "A name in profiles/ or samples/, or a folder." };
        var handset = CommonOptions.Handset();
        var replace = new Option<bool>("--replace") { Description = "Replace the profile if it is there already, with what is on its disks." };
        var command = new DocumentedCommand("push", new HelpText(
            "Copy a profile from this PC to a handset, which may be off or up.",
            "It appears there when all of it has come and has been checked. If it is interrupted, the same command goes on where it was.",
            [
                "pocket push home",
                "pocket push home phone-b",
                "pocket push ~/phones/lab phone-b --replace",
            ])) { profile, handset, replace };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var found = ProfileFolders.Find(repository, parsed.GetValue(profile)!);
            var name = found.Manifest.Name;
            await using var there = await HandsetProfiles.OpenAsync(repository, parsed.GetValue(handset)!, cancellation);
            if ((await there.ListAsync(cancellation)).Profiles.FirstOrDefault(each => each.Name == name && !each.IsUnfinished) is not null)
            {
                if (!parsed.GetValue(replace))
                    throw new UserException($"{name} is on {there.Handset} already; --replace puts this one in its place, and what is on that one's disks is gone.");
                await there.FindOffAsync(name, "replaced", cancellation);
            }
            await ProfileReadiness.EnsureAsync(repository, new Steps(), [found], cancellation);
            await TransferScreen.RunAsync($"Pushing {name} to {there.Handset}", progress =>
                there.PushAsync(name, found.Folder, ProfileReadiness.FileNames(found), parsed.GetValue(replace), progress, cancellation));
            parsed.InvocationConfiguration.Output.WriteLine(there.IsUp
                ? $"{name} is on {there.Handset}; start it with `pocket start {name}`."
                : $"{name} is on {there.Handset}; `pocket up {there.Handset}` starts it.");
            return ExitCodes.Done;
        });
        return command;
    }
}
