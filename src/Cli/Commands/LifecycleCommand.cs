using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket start|stop|restart NAME</c>: one profile's life, while the others run on.</summary>
public static class LifecycleCommand
{
    /// <summary><c>pocket start</c>.</summary>
    public static Command Start() => Create(ControlVerb.Start, "start", new HelpText(
        "Start a profile that is off.",
        "",
        [
            "pocket start work",
        ]), withForce: false);

    /// <summary><c>pocket stop</c>.</summary>
    public static Command Stop() => Create(ControlVerb.Stop, "stop", new HelpText(
        "Stop a profile: press its power button and wait until it is off.",
        "If it takes longer than 20 seconds it is switched off.",
        [
            "pocket stop work",
            "pocket stop work --force        at once, like pulling the battery",
            "pocket stop work --timeout 60   be more patient",
        ]), withForce: true);

    /// <summary><c>pocket restart</c>.</summary>
    public static Command Restart() => Create(ControlVerb.Restart, "restart", new HelpText(
        "Stop a profile as `pocket stop` does, if it runs, and start it.",
        "",
        [
            "pocket restart work",
            "pocket restart work --force",
        ]), withForce: true);

    private static Command Create(ControlVerb verb, string name, HelpText help, bool withForce)
    {
        var profile = CommonOptions.Profile();
        var force = CommonOptions.Force("Don't press the power button: switch it off.");
        var timeout = CommonOptions.Timeout("How long to wait before it is switched off [default: 20].");
        var on = CommonOptions.On();
        var command = new DocumentedCommand(name, help) { profile, on };
        if (withForce)
        {
            command.Options.Add(force);
            command.Options.Add(timeout);
        }
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = await HandsetChoice.UpAsync(Repository.Find(), parsed.GetValue(on), cancellation);
            var request = withForce
                ? new ControlRequest(verb, parsed.GetValue(profile), parsed.GetValue(force), Seconds: parsed.GetValue(timeout))
                : new ControlRequest(verb, parsed.GetValue(profile));
            var reply = await ControlClient.AskAsync(state, request, cancellation);
            parsed.InvocationConfiguration.Output.WriteLine(reply.Message);
            return ExitCodes.Done;
        });
        return command;
    }
}
