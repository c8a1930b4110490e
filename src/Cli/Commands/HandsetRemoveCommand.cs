using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket handset remove NAME</c>: a handset and everything on its flash.</summary>
public static class HandsetRemoveCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The handset, as `pocket handset list` shows it." };
        var yes = CommonOptions.Yes();
        var command = new DocumentedCommand("remove", new HelpText(
            "Remove a handset and everything on its flash. It asks first.",
            "",
            [
                "pocket handset remove phone-b",
                "pocket handset remove phone-b --yes",
            ])) { name, yes };
        command.Aliases.Add("rm");
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var handset = StoredHandset.Load(repository, parsed.GetValue(name)!);
            var state = new RunState(repository, handset.Name);
            using (var hub = await state.TryConnectAsync(cancellation))
                if (hub is not null)
                    throw new UserException($"{handset.Name} is up; turn it off with `pocket down --on {handset.Name}`, then run this again.", ExitCodes.WrongState);
            using (state.Acquire())
            {
                await Question.ConfirmAsync($"Remove the handset \"{handset.Name}\" and every profile on its flash?", parsed.GetValue(yes), cancellation);
                handset.Remove();
            }
            Directory.Delete(state.Folder, recursive: true);
            parsed.InvocationConfiguration.Output.WriteLine($"Removed the handset \"{handset.Name}\".");
            return ExitCodes.Done;
        });
        return command;
    }
}
