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
        var on = CommonOptions.On();
        var command = new DocumentedCommand("logs", new HelpText(
            "Show the log of the handset that is up, or of the last one: the hypervisor's serial port, the keeper's log, and every change of a profile's state.",
            "",
            [
                "pocket logs",
                "pocket logs --follow",
            ])) { follow, on };
        command.SetAction(async (parsed, cancellation) =>
        {
            var repository = Repository.Find();
            var state = await ChooseAsync(repository, parsed.GetValue(on), cancellation);
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

    private static async Task<RunState> ChooseAsync(Repository repository, string? on, CancellationToken cancellation)
    {
        var logs = RunState.All(repository).Where(state => File.Exists(state.LogFile)).ToList();
        if (on is not null)
            return logs.FirstOrDefault(state => state.Handset == on)
                ?? throw new UserException($"There is no log of \"{on}\"; {(logs.Count > 0 ? $"there are logs of {string.Join(", ", logs.Select(state => state.Handset))}." : "start it with `pocket up`.")}", ExitCodes.WrongState);
        return await HandsetChoice.TryUpAsync(repository, null, cancellation)
            ?? logs.MaxBy(state => File.GetLastWriteTimeUtc(state.LogFile))
            ?? throw new UserException("There is no log yet; start a handset with `pocket up`.", ExitCodes.WrongState);
    }
}
