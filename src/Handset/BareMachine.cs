using System.Globalization;

namespace Pocketvisor.Handsets;

/// <summary>
/// Runs a machine without Pocketvisor until it has said something on its serial port. Its clock counts instructions, so that what it measures
/// of itself is the same on every machine and under every load.
/// </summary>
public static class BareMachine
{
    /// <summary>Runs it.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="sign">Its last words; then it is switched off.</param>
    /// <param name="limit">How long it may take, of this machine's time.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What it said, line by line.</returns>
    /// <exception cref="HandsetException">It ended before, or took too long; the message shows its last lines.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(BareMachineOptions options, string sign, TimeSpan limit, CancellationToken cancellation = default)
    {
        List<string> lines = [];
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var qemu = QemuProcess.Start(Arguments(options), line =>
        {
            lock (lines)
                lines.Add(line);
            if (line.Contains(sign, StringComparison.Ordinal))
                said.TrySetResult();
        });
        var timeout = Task.Delay(limit, cancellation);
        var first = await Task.WhenAny(said.Task, qemu.Exited, timeout).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        lock (lines)
            return said.Task.IsCompleted ? [.. lines] : throw new HandsetException(
                $"The machine {(first == timeout ? $"did not say \"{sign}\" within {limit.TotalSeconds:0} s" : $"ended before it said \"{sign}\"")}. {qemu.Errors} Its last lines:{Environment.NewLine}"
                + string.Join(Environment.NewLine, lines.TakeLast(20).Select(line => $"  {line}")));
    }

    /// <summary>QEMU's command line.</summary>
    public static IReadOnlyList<string> Arguments(BareMachineOptions options)
    {
        List<string> arguments =
        [
            "-M", options.HasEl2 ? "virt,virtualization=on,gic-version=3" : "virt,gic-version=3", "-cpu", "cortex-a72",
            "-smp", options.Cores.ToString(CultureInfo.InvariantCulture), "-m", $"{options.Memory.Bytes >> 20}M",
            "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-no-reboot", "-global", "virtio-mmio.force-legacy=false",
            "-icount", string.Create(CultureInfo.InvariantCulture, $"shift={options.InstructionShift},sleep=off"),
            "-kernel", options.Kernel,
        ];
        if (options.Initrd is { } initrd)
            arguments.AddRange(["-initrd", initrd]);
        if (options.CommandLine.Length > 0)
            arguments.AddRange(["-append", options.CommandLine]);
        if (options.DeviceTree is { } tree)
            arguments.AddRange(["-dtb", tree]);
        return [.. arguments, .. options.ExtraArguments];
    }
}
