using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket exec NAME COMMAND…</c>: one command in a profile's shell.</summary>
public static class ExecCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var profile = CommonOptions.Profile();
        var words = new Argument<string[]>("COMMAND") { Description = "A program and its arguments; or, in quotes, one line for the profile's shell.", Arity = ArgumentArity.OneOrMore };
        var timeout = CommonOptions.Timeout("How long the command may take [default: 90].");
        var on = CommonOptions.On();
        var command = new DocumentedCommand("exec", new HelpText(
            "Run a command in a profile and print what it says; the exit code is the command's.",
            "It is typed at the shell on the profile's console, once that answers: a profile that still boots is waited for.",
            [
                "pocket exec work -- uname -a",
                "pocket exec personal -- 'cat /proc/meminfo | head -1'",
            ])) { profile, on, timeout, words };
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = await HandsetChoice.UpAsync(Repository.Find(), parsed.GetValue(on), cancellation);
            var request = new ControlRequest(ControlVerb.Exec, parsed.GetValue(profile), Command: CommandLine(parsed.GetValue(words)!), Seconds: parsed.GetValue(timeout));
            var reply = await ControlClient.AskAsync(state, request, cancellation);
            if (reply.Message is { Length: > 0 } text)
                parsed.InvocationConfiguration.Output.WriteLine(text);
            return reply.ExitCode ?? ExitCodes.Done;
        });
        return command;
    }

    /// <summary>One word is a line for the guest's shell, pipes and all; several are a program and its arguments, passed as they are.</summary>
    public static string CommandLine(IReadOnlyList<string> words) => words.Count == 1 ? words[0] : string.Join(' ', words.Select(Quote));

    /// <summary>A word as the guest's shell takes it for one word, whatever is in it.</summary>
    private static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+%@".Contains(c)) ? word : $"'{word.Replace("'", "'\\''")}'";
}
