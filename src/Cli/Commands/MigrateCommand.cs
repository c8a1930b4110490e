using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket migrate PROFILE --from A --to B</c>: from handset to handset.</summary>
public static class MigrateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var profile = CommonOptions.StoredProfile();
        var from = new Option<string>("--from") { Description = "The handset that has it.", HelpName = "HANDSET", Required = true };
        var to = new Option<string>("--to") { Description = "The handset that shall have it.", HelpName = "HANDSET", Required = true };
        var keep = new Option<bool>("--keep") { Description = "Leave it on the old handset, too." };
        var command = new DocumentedCommand("migrate", new HelpText(
            "Move a profile from one handset to another. Each may be off or up; the profile must be off.",
            "It is removed from the old handset only when the new one has all of it and has checked it.",
            [
                "pocket migrate home --from phone --to phone-b",
                "pocket migrate home --from phone --to phone-b --keep",
            ])) { profile, from, to, keep };
        command.SetAction(async (parsed, cancellation) =>
        {
            var name = parsed.GetValue(profile)!;
            if (parsed.GetValue(from) == parsed.GetValue(to))
                throw new UserException($"--from and --to are the same handset, {parsed.GetValue(to)}; name another one.", ExitCodes.Usage);
            var repository = Repository.Find();
            await using var old = await HandsetProfiles.OpenAsync(repository, parsed.GetValue(from)!, cancellation);
            await using var @new = await HandsetProfiles.OpenAsync(repository, parsed.GetValue(to)!, cancellation);
            await new Migration(repository, old, @new).RunAsync(name, parsed.GetValue(keep), cancellation);
            parsed.InvocationConfiguration.Output.WriteLine($"{name} is on {@new.Handset}{(parsed.GetValue(keep) ? $" and on {old.Handset}" : $", and no longer on {old.Handset}")}.");
            return ExitCodes.Done;
        });
        return command;
    }
}
