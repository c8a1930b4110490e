using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket logs</c>: what hypervisor and keeper said.</summary>
public static class LogsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on as long as the handset is up." };
        var command = new DocumentedCommand("logs", new HelpText(
            "Show the log of the handset that is up, or of the last one: the hypervisor's serial port, the keeper's log, and every change of a profile's state.",
            "",
            [
                "pocket logs",
                "pocket logs --follow",
            ])) { follow };
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = new RunState(Repository.Find());
            if (!File.Exists(state.LogFile))
                throw new UserException("There is no log yet; start a handset with `pocket up`.", ExitCodes.WrongState);
            var output = parsed.InvocationConfiguration.Output;
            using var reader = new StreamReader(new FileStream(state.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            while (true)
            {
                while (await reader.ReadLineAsync(cancellation) is { } line)
                    output.WriteLine(line);
                if (!parsed.GetValue(follow))
                    return ExitCodes.Done;
                using var hub = await state.TryConnectAsync(cancellation);
                if (hub is null)
                    return ExitCodes.Done;
                await Task.Delay(500, cancellation);
            }
        });
        return command;
    }
}
