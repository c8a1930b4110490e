using System.CommandLine;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Commands;

/// <summary><c>pocket console NAME</c>: a terminal in a profile.</summary>
public static class ConsoleCommand
{
    // Ctrl-], as telnet and virsh have it.
    private const byte Leave = 0x1D;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var profile = CommonOptions.Profile();
        var on = CommonOptions.On();
        var command = new DocumentedCommand("console", new HelpText(
            "Attach this terminal to a profile's console.",
            "Ctrl-] leaves; the profile runs on. Every other key goes to the profile, Ctrl-C too. With standard input from a pipe, the input is typed, and the command ends when the console has been quiet for two seconds after it.",
            [
                "pocket console work",
                "echo 'uname -a' | pocket console work",
            ])) { profile, on };
        command.SetAction(async (parsed, cancellation) =>
        {
            var state = await HandsetChoice.UpAsync(Repository.Find(), parsed.GetValue(on), cancellation);
            var name = parsed.GetValue(profile)!;
            using var connection = await ControlClient.ConsoleAsync(state, name, cancellation);
            if (RawTerminal.IsTerminal)
                Console.Error.WriteLine($"Connected to {name}. Ctrl-] leaves.");
            using var size = RawTerminal.IsTerminal ? new SizeReport(state, name) : null;
            int code;
            using (new RawTerminal())
                code = await TalkAsync(connection.Stream, Console.OpenStandardOutput(), cancellation);
            if (RawTerminal.IsTerminal)
                Console.Error.WriteLine(code == ExitCodes.Done ? $"{Environment.NewLine}Left the console of {name}." : "");
            return code == ExitCodes.Done ? code : throw new UserException($"{state.Handset} went off; start it with `pocket up {state.Handset}`.", ExitCodes.WrongState);
        });
        return command;
    }

    private static async Task<int> TalkAsync(Stream guest, Stream screen, CancellationToken cancellation)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lastSaid = Environment.TickCount64;
        using var registration = cancellation.Register(() => left.TrySetResult());

        // A thread, because a read of the terminal can't be interrupted: it ends with the process.
        new Thread(() => Type(guest, left, () => Volatile.Read(ref lastSaid))) { IsBackground = true }.Start();
        var listening = ListenAsync();
        return await Task.WhenAny(left.Task, listening) == listening ? ExitCodes.WrongState : ExitCodes.Done;

        async Task ListenAsync()
        {
            var buffer = new byte[4096];
            try
            {
                while (await guest.ReadAsync(buffer, cancellation) is > 0 and var count)
                {
                    await screen.WriteAsync(buffer.AsMemory(0, count), cancellation);
                    await screen.FlushAsync(cancellation);
                    Volatile.Write(ref lastSaid, Environment.TickCount64);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The hub has gone, or Ctrl-C came before the terminal was raw.
            }
        }
    }

    private static void Type(Stream guest, TaskCompletionSource left, Func<long> lastSaid)
    {
        var terminal = RawTerminal.IsTerminal;
        var buffer = new byte[1024];
        try
        {
            while (RawTerminal.Read(buffer) is > 0 and var count)
            {
                var leave = terminal ? Array.IndexOf(buffer, Leave, 0, count) : -1;
                guest.Write(buffer, 0, leave < 0 ? count : leave);
                if (leave >= 0)
                {
                    left.TrySetResult();
                    return;
                }
            }
            for (var ended = Environment.TickCount64; Environment.TickCount64 - Math.Max(ended, lastSaid()) < 2000;)
                Thread.Sleep(100);
            left.TrySetResult();
        }
        catch (IOException)
        {
            // The hub has gone; who listens knows, too.
        }
    }
}
