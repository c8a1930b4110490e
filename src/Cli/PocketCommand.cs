using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Pocketvisor.Cli.Commands;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli;

/// <summary>The command line: every command, and how its errors become a sentence and an exit code.</summary>
public static class PocketCommand
{
    private static readonly HelpText Help = new(
        "Pocketvisor: several complete phones on one handset, none of which can see another.",
        "Exit codes: 0 done; 1 it did not work; 2 wrong command line or profile; 3 the handset or the profile is up and should be off, or the other way round; 4 something must be installed first; 130 interrupted.",
        [
            "pocket up               build, boot and show the handset; Ctrl-C turns it off",
            "pocket list             what runs on it",
            "pocket console work     a terminal in the profile \"work\"; Ctrl-] leaves it",
            "pocket stop work        press its power button",
            "pocket test             run every test",
        ]);

    /// <summary>All commands.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand(Help.Summary)
        {
            UpCommand.Create(),
            DownCommand.Create(),
            ListCommand.Create(),
            ConsoleCommand.Create(),
            ExecCommand.Create(),
            LifecycleCommand.Start(),
            LifecycleCommand.Stop(),
            LifecycleCommand.Restart(),
            LogsCommand.Create(),
            PushCommand.Create(),
            PullCommand.Create(),
            MigrateCommand.Create(),
            ProfileCommand.Create(),
            HandsetCommand.Create(),
            BuildCommand.Create(),
            BenchCommand.Create(),
            TestCommand.Create(),
            FuzzCommand.Create(),
            SoakCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, Help);
        return root;
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>, or what the command in a guest returned.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var root = Create();
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            error.WriteLine($"pocket: {Problem(parsed)} See `{Name(parsed.CommandResult)} --help`.");
            return ExitCodes.Usage;
        }

        // The first Ctrl-C asks the command to end; a second one ends it, unless the command has ideas of its own (see HandsetHub).
        using var interrupted = new CancellationTokenSource();
        void Signal(PosixSignalContext context)
        {
            if (interrupted.IsCancellationRequested)
                return;
            context.Cancel = true;
            interrupted.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Signal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Signal);
        try
        {
            // No timeout: the library would end the process two seconds after Ctrl-C, whatever it is at.
            var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, interrupted.Token);
        }
        catch (UserException e)
        {
            return Fail(e.Message, e.ExitCode);
        }
        catch (ProfileException e)
        {
            return Fail(e.Message, ExitCodes.Usage);
        }
        catch (Exception e) when (e is HandsetException or TimeoutException)
        {
            return Fail(e.Message, ExitCodes.Failed);
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted.", ExitCodes.Interrupted);
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable("POCKET_DEBUG") is null)
        {
            return Fail($"{e.GetType().Name}: {e.Message} (a mistake of pocket's own; run it again with POCKET_DEBUG=1 and report what it shows.)", ExitCodes.Failed);
        }

        int Fail(string message, int exitCode)
        {
            error.WriteLine($"pocket: {message}");
            return exitCode;
        }
    }

    private static string Problem(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || (command.Action is not null && parsed.UnmatchedTokens.Count == 0))
        {
            var missing = command.Arguments.FirstOrDefault(argument => argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is not { Tokens.Count: > 0 });
            return parsed.UnmatchedTokens.Count == 0 && missing is not null ? $"`{Name(parsed.CommandResult)}` needs {missing.Name}." : Sentence(parsed.Errors[0].Message.TrimEnd());
        }
        var names = command.Subcommands.Select(each => each.Name).ToList();
        if (parsed.UnmatchedTokens.Count == 0)
            return $"`{Name(parsed.CommandResult)}` needs one more word: {string.Join(", ", names)}.";
        var word = parsed.UnmatchedTokens[0];
        var prefix = Name(parsed.CommandResult)["pocket".Length..].TrimStart();
        var advice = NearestName.Of(word, names) is { } nearest ? $"did you mean \"{Full(nearest)}\"?" : $"the commands are {string.Join(", ", names.Select(Full))}.";
        return $"There is no command \"{Full(word)}\"; {advice}";

        string Full(string name) => $"{prefix} {name}".TrimStart();
    }

    private static string Sentence(string text) => text.EndsWith('?') ? text : text.TrimEnd('.') + ".";

    // As the user types it: "pocket handset create".
    private static string Name(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent ? $"{Name(parent)} {command.Command.Name}" : "pocket";
}
