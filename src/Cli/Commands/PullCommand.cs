using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket pull PROFILE HANDSET FOLDER</c>: from a handset to this PC.</summary>
public static class PullCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var profile = CommonOptions.StoredProfile();
        var handset = new Argument<string>("HANDSET") { Description = "The handset, as `pocket handset list` shows it." };
        var folder = new Argument<string>("FOLDER") { Description = "Where the profile's folder shall be made." };
        var command = new DocumentedCommand("pull", new HelpText(
            "Copy a profile from a handset to this PC, as a folder in FOLDER. The handset may be off or up; the profile must be off.",
            "The folder appears when all of it has come and has been checked. If it is interrupted, the same command goes on where it was.",
            [
                "pocket pull home phone ~/backup     makes ~/backup/home",
            ])) { profile, handset, folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            var name = parsed.GetValue(profile)!;
            var into = parsed.GetValue(folder)!;
            var target = Path.Combine(into, name);
            await using var there = await HandsetProfiles.OpenAsync(Repository.Find(), parsed.GetValue(handset)!, cancellation);
            await there.FindOffAsync(name, "copied", cancellation);
            if (Path.Exists(target))
                throw new UserException($"{target} is there already; remove it, or pull into another folder.", ExitCodes.Usage);
            try
            {
                Directory.CreateDirectory(into);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UserException($"{into} is no folder and can't be made one; pull into another folder.", ExitCodes.Usage);
            }
            await TransferScreen.RunAsync($"Pulling {name} from {there.Handset}", progress => there.PullAsync(name, into, progress, cancellation));
            parsed.InvocationConfiguration.Output.WriteLine($"{name} is in {target}.");
            return ExitCodes.Done;
        });
        return command;
    }
}
