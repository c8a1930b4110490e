using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket down</c>: turns the handset off.</summary>
public static class DownCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var force = CommonOptions.Force("At once, like pulling the battery.");
        var on = CommonOptions.On();
        var command = new DocumentedCommand("down", new HelpText(
            "Turn the handset off: shut every profile down, the last one started first, then the handset.",
            "",
            [
                "pocket down",
                "pocket down --force",
                "pocket down --on phone-b    if several are up",
            ])) { force, on };
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = await HandsetChoice.UpAsync(Repository.Find(), parsed.GetValue(on), cancellation);
            await new Steps().RunAsync($"Turning {state.Handset} off", async _ =>
            {
                await ControlClient.AskAsync(state, new ControlRequest(ControlVerb.Down, Force: parsed.GetValue(force)), cancellation);
                await state.WaitUntilFreeAsync(cancellation); // So that `pocket down && pocket up` works.
            });
            parsed.InvocationConfiguration.Output.WriteLine($"{state.Handset} is off.");
            return ExitCodes.Done;
        });
        return command;
    }
}
