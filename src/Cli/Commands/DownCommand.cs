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
        var command = new DocumentedCommand("down", new HelpText(
            "Turn the handset off: shut every profile down, the last one started first, then the handset.",
            "",
            [
                "pocket down",
                "pocket down --force",
            ])) { force };
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = new RunState(Repository.Find());
            if (await state.TryConnectAsync(cancellation) is not { } probe)
                throw RunState.NotUp();
            probe.Dispose();
            ControlReply reply = new();
            await new Steps().RunAsync("Turning the handset off", async _ =>
            {
                reply = await ControlClient.AskAsync(state, new ControlRequest(ControlVerb.Down, Force: parsed.GetValue(force)), cancellation);
                await state.WaitUntilFreeAsync(cancellation); // So that `pocket down && pocket up` works.
            });
            parsed.InvocationConfiguration.Output.WriteLine(reply.Message);
            return ExitCodes.Done;
        });
        return command;
    }
}
