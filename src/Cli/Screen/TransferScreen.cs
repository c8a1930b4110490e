using System.Diagnostics;
using System.Globalization;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Handsets;
using Spectre.Console;

namespace Pocketvisor.Cli.Screen;

/// <summary>Shows on standard error how far a transfer is: a bar in a terminal, now and then a line elsewhere.</summary>
public static class TransferScreen
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    /// <summary>Runs a transfer.</summary>
    /// <param name="what">What is done, such as "Pushing work to phone".</param>
    /// <param name="transfer">Does it, and reports how it goes.</param>
    public static async Task RunAsync(string what, Func<IProgress<TransferProgress>, Task> transfer)
    {
        var watch = Stopwatch.StartNew();
        long transferred = 0;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (console.Profile.Capabilities.Interactive && !Console.IsErrorRedirected)
        {
            var columns = console.Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn());
            await columns.StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(what), maxValue: 1);
                await transfer(new Report((done, total) =>
                {
                    transferred = total;
                    bar.MaxValue = Math.Max(total, 1);
                    bar.Value = done;
                }));
            });
            console.MarkupLine($"[green]✓[/] {Markup.Escape(what)} [grey]({Summary()})[/]");
            return;
        }

        Console.Error.WriteLine($"{what} …");
        var lastLine = TimeSpan.Zero;
        await transfer(new Report((done, total) =>
        {
            transferred = total;
            if (watch.Elapsed - lastLine < LineEvery || done >= total)
                return;
            lastLine = watch.Elapsed;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {100.0 * done / total:0} %, {StorageSize.Show(done)} of {StorageSize.Show(total)}"));
        }));
        Console.Error.WriteLine($"{what}: done ({Summary()})");

        string Summary() => string.Create(CultureInfo.InvariantCulture,
            $"{StorageSize.Show(transferred)} in {watch.Elapsed.TotalSeconds:0.0} s{(transferred < 1 << 20 ? "" : $", {transferred / 1048576.0 / Math.Max(watch.Elapsed.TotalSeconds, 0.001):0} MB/s")}");
    }
    // Not Progress<T>, which reports on another thread, after the end as well.
    private sealed class Report(Action<long, long> report) : IProgress<TransferProgress>
    {
        void IProgress<TransferProgress>.Report(TransferProgress value) => report(value.DoneBytes, value.TotalBytes);
    }
}
