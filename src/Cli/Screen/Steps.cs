using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Pocketvisor.Cli.Screen;

/// <summary>Shows long steps on standard error: what is being done, what it is at, and how long it took.</summary>
public sealed class Steps
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Runs a step. In a terminal a spinner shows its last report; elsewhere there is one line at its start and one at its end.</summary>
    public async Task RunAsync(string what, Func<Action<string>, Task> step)
    {
        var watch = Stopwatch.StartNew();
        if (_console.Profile.Capabilities.Interactive && !Console.IsErrorRedirected)
        {
            await _console.Status().StartAsync(Markup.Escape(what) + " …", async context => await step(report =>
            {
                var room = Math.Max(10, _console.Profile.Width - what.Length - 20);
                var text = report.Length > room ? report[..room] + "…" : report;
                context.Status($"{Markup.Escape(what)} … [grey]{watch.Elapsed.TotalSeconds:0} s  {Markup.Escape(text)}[/]");
            }));
            _console.MarkupLine($"[green]✓[/] {Markup.Escape(what)} [grey]({Seconds(watch)})[/]");
        }
        else
        {
            Console.Error.WriteLine($"{what} …");
            await step(_ => { });
            Console.Error.WriteLine($"{what}: done in {Seconds(watch)}");
        }
    }

    private static string Seconds(Stopwatch watch) => watch.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
}
