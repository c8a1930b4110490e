using System.Text;
using Pocketvisor.Cli.Host;
using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Bench;

/// <summary>The guest of <c>bench/Pace</c> without Pocketvisor: on a QEMU of its own, on hardware like a profile's. Dispose it, and it has ended.</summary>
public sealed class BarePace : IAsyncDisposable
{
    private readonly QemuProcess _qemu;

    private BarePace(QemuProcess qemu, ProfileConsole console) => (_qemu, Console) = (qemu, console);

    /// <summary>What it says.</summary>
    public ProfileConsole Console { get; }

    /// <summary>QEMU's process id.</summary>
    public int ProcessId => _qemu.Id;

    /// <summary>Starts it.</summary>
    /// <param name="repository">Where its image is.</param>
    /// <param name="work">What it shall do.</param>
    /// <param name="cores">Cores of its machine.</param>
    /// <param name="instructionShift">As in <see cref="HandsetOptions.InstructionShift"/>.</param>
    public static BarePace Start(Repository repository, PaceWork work, int cores, int? instructionShift)
    {
        List<string> arguments =
        [
            "-M", "virt,gic-version=3", "-cpu", "cortex-a72", "-smp", $"{cores}", "-m", "64M",
            "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", .. CoreThread.QemuArguments,
            "-kernel", new BenchFolder(repository).PaceGuest, "-append", work.CommandLine,
        ];
        if (instructionShift is { } shift)
            arguments.AddRange(["-icount", $"shift={shift},sleep=off"]);
        var console = new ProfileConsole("Pace, alone on QEMU,", (_, _) => Task.CompletedTask);
        var qemu = QemuProcess.Start(arguments, line => console.Append(Encoding.UTF8.GetBytes(line + "\n")));
        _ = qemu.Exited.ContinueWith(_ => console.End($"QEMU has ended. {qemu.Errors}"), TaskScheduler.Default);
        return new BarePace(qemu, console);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _qemu.DisposeAsync();
}
