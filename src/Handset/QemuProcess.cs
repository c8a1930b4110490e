using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pocketvisor.Handsets;

/// <summary>
/// One QEMU: the handset's hardware. It dies with this process, whatever happens to it, because the kernel is told to see to that
/// (<c>setpriv --pdeathsig</c>), and it has a session of its own, so that Ctrl-C in the terminal doesn't reach it.
/// </summary>
public sealed class QemuProcess : IAsyncDisposable
{
    // "writeback": what a guest has flushed is on this machine's disk, what it hasn't may wait. Unused parts take no room there.
    internal const string DiskOptions = "format=raw,cache=writeback,discard=unmap,detect-zeroes=unmap";

    private readonly Process _process;
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _errors = new();

    private QemuProcess(ProcessStartInfo start, Action<string> serialLine)
    {
        _process = new Process { StartInfo = start };
        var started = new TaskCompletionSource();

        // The death signal belongs to the thread that started the process: a thread that lives as long as QEMU does.
        new Thread(() =>
        {
            try
            {
                _process.Start();
            }
            catch (Exception e)
            {
                started.SetException(e);
                return;
            }
            started.SetResult();
            _process.WaitForExit();
        })
        { IsBackground = true, Name = "QEMU" }.Start();
        started.Task.GetAwaiter().GetResult();

        _process.StandardInput.Close();
        var output = ReadLines(_process.StandardOutput, serialLine);
        var errors = ReadLines(_process.StandardError, line =>
        {
            lock (_errors)
                _errors.AppendLine(line);
        });
        _ = Task.Run(async () =>
        {
            await Task.WhenAll(output, errors, _process.WaitForExitAsync()).ConfigureAwait(false);
            _exited.TrySetResult();
        });
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Ends when QEMU has ended and its output has been read.</summary>
    public Task Exited => _exited.Task;

    /// <summary>What QEMU itself complained about; empty if nothing.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString().Trim();
        }
    }

    /// <summary>The command line that makes the handset of <paramref name="options"/>.</summary>
    /// <param name="options">The handset.</param>
    /// <param name="bootMedium">Path of the boot medium, or null where there is none.</param>
    /// <param name="linkSocket">Where QEMU shall listen with the PC's end of the link.</param>
    public static IReadOnlyList<string> Arguments(HandsetOptions options, string? bootMedium, string linkSocket)
    {
        List<string> arguments =
        [
            "-M", $"virt,virtualization=on,gic-version={options.Gic}",
            "-cpu", "cortex-a72",
            "-smp", options.Cores.ToString(CultureInfo.InvariantCulture),
            "-m", $"{options.Memory.Bytes >> 20}M",
            "-display", "none", "-monitor", "none", "-serial", "stdio",
            "-nic", "none", // QEMU's default card wants a ROM file from a package that we don't need.
            "-global", "virtio-mmio.force-legacy=false",
            "-device", "virtio-serial-device,max_ports=2",
            "-chardev", $"socket,id=link,path={Escape(linkSocket)},server=on,wait=off",
            "-device", "virtserialport,chardev=link,nr=1,name=link", // a console port would drop what we do not read in time
            "-device", "virtio-rng-device",
            "-kernel", options.Image,
            .. options.ExtraArguments,
        ];
        if (bootMedium is not null)
            arguments.AddRange(["-initrd", bootMedium]);
        if (options.Flash is { } flash)
            arguments.AddRange(["-drive", $"if=none,id=flash,file={Escape(flash)},{DiskOptions}", "-device", "virtio-blk-device,drive=flash"]);
        if (options.Network is { } network)
            arguments.AddRange(["-netdev", network, "-device", "virtio-net-device,netdev=net"]);
        if (options.InstructionShift is { } shift)
            arguments.AddRange(["-icount", $"shift={shift},sleep=off"]);
        if (options.Gdb is { } gdb)
            arguments.AddRange(["-gdb", gdb]);
        return arguments;
    }

    /// <summary>Starts QEMU.</summary>
    /// <param name="arguments">See <see cref="Arguments"/>.</param>
    /// <param name="serialLine">Gets each line that the handset writes on its serial port.</param>
    /// <exception cref="HandsetException">QEMU is not installed.</exception>
    public static QemuProcess Start(IReadOnlyList<string> arguments, Action<string> serialLine)
    {
        var start = new ProcessStartInfo("setpriv")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["--pdeathsig", "KILL", "setsid", "qemu-system-aarch64", .. arguments])
            start.ArgumentList.Add(argument);
        try
        {
            return new QemuProcess(start, serialLine);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new HandsetException("QEMU could not be started: install it with `apt-get install qemu-system-arm util-linux`.");
        }
    }

    /// <summary>Ends QEMU at once, like pulling the battery.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    /// <summary>Ends QEMU if it still runs, and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_exited.Task.IsCompleted)
            Kill();
        await _exited.Task.ConfigureAwait(false);
        _process.Dispose();
    }

    /// <summary>A path as a part of an option of QEMU's, where a comma begins the next part.</summary>
    public static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);

    private static async Task ReadLines(StreamReader reader, Action<string> line)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } text)
            line(text.TrimEnd('\r'));
    }
}
