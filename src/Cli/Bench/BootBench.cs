using System.Globalization;
using System.Text.RegularExpressions;
using Pocketvisor.Cli.Host;
using Pocketvisor.Handsets;
using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Bench;

/// <summary>
/// How long a start takes, from the machine's reset. A guest's counter starts with the guest; how much later than the machine's, QEMU's trace
/// tells (CNTVOFF_EL2, which every hypervisor sets). So the sum is exact for a guest that reads its counter in its first instruction: our own of
/// bench/Exits, made as large as Debian's kernel and started in the same way. From there to its init Linux counts by itself.
/// </summary>
public sealed partial class BootBench(Repository repository, TaxGuest guest)
{
    private const string Began = "exits: done";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly MemorySize HandsetMemory = new(1L << 30);

    private readonly BenchFolder _folder = new(repository);

    /// <summary>Measures.</summary>
    /// <param name="conditions">For the report.</param>
    /// <param name="xen">The peer; null to leave it out.</param>
    /// <param name="report">Is told what it is at.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<BootReport> RunAsync(BenchConditions conditions, XenPeer? xen, Action<string> report, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("pocket-");
        try
        {
            var kernel = Path.Combine(folder.FullName, "kernel");
            await MakeKernelAsync(kernel, cancellation);
            var trace = Path.Combine(folder.FullName, "trace");

            report("to the keeper's first line");
            var keeper = await KeeperAsync(folder.FullName, kernel, cancellation);
            report("to a profile's first instruction");
            var profileEntry = Entry(await ProfileAsync("boot-profile", kernel, "boot", Began, trace, cancellation), trace);
            report("to a profile's init");
            var linux = await ProfileAsync("boot-profile-init", guest.Kernel, TaxGuest.CommandLine("tax=boot tree=show"), TaxRun.Done, null, cancellation);
            var (profileInit, tree) = (Init(linux), Path.Combine(folder.FullName, "profile.dtb"));
            await TaxTree.WriteAsync(TaxRun.ReadTree(linux), tree, cancellation);

            report("bare");
            var bareEntry = Entry(await RunAsync("boot-bare", Machine(kernel, "boot"), options => BareMachine.RunAsync(options, Began, Patience, cancellation)), null);
            var bareInit = Init(await RunAsync("boot-bare-init", Machine(guest.Kernel, TaxGuest.CommandLine("tax=boot")) with { DeviceTree = tree }, options => BareMachine.RunAsync(options, TaxRun.Done, Patience, cancellation)));

            double? xenEntry = null, xenInit = null;
            if (xen is not null)
            {
                report("under Xen");
                File.Delete(trace);
                xenEntry = Entry(await RunAsync("boot-xen", Machine(kernel, "boot") with { ExtraArguments = Trace(trace) }, options => xen.RunAsync(options, Began, Patience, cancellation)), trace);
                xenInit = Init(await RunAsync("boot-xen-init", Machine(guest.Kernel, TaxGuest.CommandLine("tax=boot")), options => xen.RunAsync(options, TaxRun.Done, Patience, cancellation)));
            }
            return new BootReport(conditions, xen?.Version,
            [
                new BootRow("reset to the keeper's first line", null, keeper, null),
                new BootRow(BootReport.Entry, bareEntry, profileEntry, xenEntry, BootReport.Promise, BootReport.Wanted),
                new BootRow("Linux's own start, to its init", bareInit, profileInit, xenInit),
                new BootRow("reset to init", bareEntry + bareInit, profileEntry + profileInit, xenEntry + xenInit),
            ]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Instructions from reset to a guest's first.</summary>
    /// <param name="text">What it said.</param>
    /// <param name="trace">What QEMU traced of CNTVOFF_EL2; empty where nobody sets it.</param>
    /// <exception cref="UserException">It didn't say when it began.</exception>
    public static double EntryOf(string text, string trace)
    {
        if (BeganLine().Match(text) is not { Success: true } match)
            throw new UserException($"The guest that boots did not say when it began:{Environment.NewLine}{text[..Math.Min(text.Length, 500)]}");
        var frequency = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        var ticks = double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);

        // The last that is not 0: 0 is who runs the guests, and there is one guest.
        var offset = OffsetLine().Matches(trace).Select(line => ulong.Parse(line.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).LastOrDefault(value => value != 0);
        return (ticks + offset) / frequency * 1e9 / (1 << ExitCount.InstructionShift);
    }

    private static double Entry(string text, string? trace) => EntryOf(text, trace is null ? "" : File.ReadAllText(trace));

    private static double Init(string text) => TaxRun.ParseBoot(text) / (double)(1 << ExitCount.InstructionShift);

    private static IReadOnlyList<string> Trace(string path) => ["-trace", "arm_gt_cntvoff_write", "-D", path];

    // Behind its own end there are zeros: every byte of a kernel is copied.
    private async Task MakeKernelAsync(string path, CancellationToken cancellation)
    {
        File.Copy(_folder.ExitsGuest, path);
        await using var file = File.OpenWrite(path);
        file.SetLength(new FileInfo(guest.Kernel).Length);
    }

    private BareMachineOptions Machine(string kernel, string commandLine) => new()
    {
        Kernel = kernel,
        Initrd = guest.Initrd,
        CommandLine = commandLine,
        Memory = TaxGuest.Memory,
        InstructionShift = ExitCount.InstructionShift,
    };

    private async Task<string> RunAsync(string log, BareMachineOptions options, Func<BareMachineOptions, Task<IReadOnlyList<string>>> run)
    {
        var text = string.Join('\n', await run(options));
        _folder.SaveLog(log, text);
        return text;
    }

    private async Task<HandsetOptions> HandsetAsync(string kernel, string commandLine, IReadOnlyList<string> extra, CancellationToken cancellation)
    {
        var manifest = new ProfileManifest { Name = "boot", Memory = TaxGuest.Memory, Kernel = "vmlinuz", Initrd = "initrd.img", CommandLine = commandLine, Network = Network.None };
        return new HandsetOptions
        {
            Image = repository.Image,
            BootMedium = [.. BootMedium.Entries(manifest, await File.ReadAllBytesAsync(kernel, cancellation), await File.ReadAllBytesAsync(guest.Initrd, cancellation))],
            Cores = 1,
            Memory = HandsetMemory,
            Network = null,
            InstructionShift = ExitCount.InstructionShift,
            ExtraArguments = extra,
        };
    }

    private async Task<string> ProfileAsync(string log, string kernel, string commandLine, string sign, string? trace, CancellationToken cancellation)
    {
        var options = await HandsetAsync(kernel, commandLine, trace is null ? [] : Trace(trace), cancellation);
        await using var handset = await Handset.StartAsync(options, cancellation: cancellation);
        var text = await handset.Console("boot").WaitForAsync(sign, Patience, cancellation);
        _folder.SaveLog(log, text);
        return text;
    }

    // Stops the handset where the keeper first writes to its serial port, and has it read its counter there.
    private async Task<double> KeeperAsync(string folder, string kernel, CancellationToken cancellation)
    {
        var (medium, gdb) = (Path.Combine(folder, "boot.cpio"), Path.Combine(folder, "gdb"));
        var options = await HandsetAsync(kernel, "", ["-S"], cancellation) with { Gdb = $"unix:{QemuProcess.Escape(gdb)},server=on,wait=off" };
        await using (var file = File.Create(medium))
            CpioArchive.Write(file, options.BootMedium);
        var symbols = await KeeperSymbolsAsync(cancellation);

        // When QEMU goes on after a stop, its clock jumps to the next timer that a device has set, and only the entropy device sets any so early.
        // Without it the first line is the keeper's regret that it is missing.
        List<string> arguments = [.. QemuProcess.Arguments(options, medium, Path.Combine(folder, "link"))];
        arguments.RemoveRange(arguments.IndexOf("virtio-rng-device") - 1, 2);
        await using var qemu = QemuProcess.Start(arguments, _ => { });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        await using var debugger = await GdbClient.ConnectAsync(gdb, limit.Token);
        await debugger.RunToAsync(symbols("HandsetUart__Write"), limit.Token);
        await debugger.WriteAsync(GdbClient.Pc, symbols("cpu_counter"), limit.Token);
        await debugger.StepAsync(limit.Token); // isb
        await debugger.StepAsync(limit.Token); // mrs x0, cntpct_el0
        return await debugger.ReadAsync(GdbClient.X0, limit.Token) * (double)ExitCount.InstructionsPerTick;
    }

    private async Task<Func<string, ulong>> KeeperSymbolsAsync(CancellationToken cancellation)
    {
        var result = await Tool.RunAsync("llvm-nm", [repository.KeeperSymbols], cancellation: cancellation);
        return name => result.Lines.Select(line => line.Split(' ')).FirstOrDefault(part => part is [_, "t" or "T", var symbol] && symbol.EndsWith(name, StringComparison.Ordinal)) is { } found
            ? ulong.Parse(found[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : throw new UserException($"{Repository.Display(repository.KeeperSymbols)} has no symbol that ends in {name}; tell the project.");
    }

    [GeneratedRegex(@"exits: frequency=(\d+) began=(\d+)")]
    private static partial Regex BeganLine();

    [GeneratedRegex(@"cntvoff_write.*?(?:0x)([0-9a-f]+)\s*$", RegexOptions.Multiline)]
    private static partial Regex OffsetLine();
}
