using System.Globalization;
using System.Net.Sockets;

namespace Pocketvisor.Handsets;

/// <summary>
/// A Linux without Pocketvisor: the same kernel, initrd and disks as a profile's, on QEMU's own devices of the same kinds. What Linux does
/// by itself, and how fast, is what profiles are compared with. Dispose it, and nothing of it is left.
/// </summary>
public sealed class BareLinux : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocket-");
    private readonly QemuProcess _qemu;
    private NetworkStream? _stream;

    private BareLinux(BareLinuxOptions options)
    {
        Console = new ProfileConsole(options.Name, async (bytes, cancellation) => await _stream!.WriteAsync(bytes, cancellation).ConfigureAwait(false));
        _qemu = QemuProcess.Start(Arguments(options, SocketPath), line => Console.Append(System.Text.Encoding.UTF8.GetBytes(line + "\n")));
    }

    /// <summary>Its console: what it says on the serial port and on hvc0, and hvc0's keyboard. As with a profile.</summary>
    public ProfileConsole Console { get; }

    /// <summary>Ends when it has powered itself off, or died.</summary>
    public Task Off => _qemu.Exited;

    private string SocketPath => Path.Combine(_folder.FullName, "console");

    /// <summary>Starts it. What it says on its console tells how far it is.</summary>
    public static async Task<BareLinux> StartAsync(BareLinuxOptions options, CancellationToken cancellation = default)
    {
        var linux = new BareLinux(options);
        try
        {
            await linux.ConnectAsync(cancellation).ConfigureAwait(false);
            return linux;
        }
        catch
        {
            await linux.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Switches it off, like pulling the battery, if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _qemu.DisposeAsync().ConfigureAwait(false);
        if (_stream is not null)
            await _stream.DisposeAsync().ConfigureAwait(false);
        if (_folder.Exists)
            _folder.Delete(recursive: true);
    }

    private static IReadOnlyList<string> Arguments(BareLinuxOptions options, string socket)
    {
        List<string> arguments =
        [
            "-M", "virt,gic-version=3", "-cpu", "cortex-a72",
            "-smp", options.Cores.ToString(CultureInfo.InvariantCulture), "-m", $"{options.Memory.Bytes >> 20}M",
            "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-global", "virtio-mmio.force-legacy=false",
            "-chardev", $"socket,id=console,path={QemuProcess.Escape(socket)},server=on,wait=on", // It boots when someone listens.
            "-device", "virtio-serial-device", "-device", "virtconsole,chardev=console", "-device", "virtio-rng-device",
            "-kernel", options.Kernel, "-initrd", options.Initrd,
            "-append", $"console=ttyAMA0 hostname={options.Name} quiet {options.CommandLine}",
        ];

        // Linux looks at QEMU's virtio-mmio slots from the last to the first, and QEMU fills them from the first.
        if (options.Slice is { } slice)
        {
            var part = string.Create(CultureInfo.InvariantCulture, $"offset={slice.Offset},size={slice.Bytes},file.driver=file,file.filename={QemuProcess.Escape(slice.Path)},file.locking=off");
            arguments.AddRange(["-drive", $"if=none,id=slice,{part},{QemuProcess.DiskOptions}", "-device", "virtio-blk-device,drive=slice"]);
        }
        foreach (var (index, disk) in options.Disks.Index().Reverse())
            arguments.AddRange(["-drive", $"if=none,id=disk{index},file={QemuProcess.Escape(disk)},{QemuProcess.DiskOptions}", "-device", $"virtio-blk-device,drive=disk{index}"]);
        if (options.Network is { } network)
            arguments.AddRange(["-netdev", network, "-device", "virtio-net-device,netdev=net"]);
        return arguments;
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        while (true)
        {
            if (_qemu.Exited.IsCompleted)
                throw new HandsetException($"QEMU did not start: {_qemu.Errors}");
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellation).ConfigureAwait(false);
                break;
            }
            catch (SocketException)
            {
                await Task.Delay(20, cancellation).ConfigureAwait(false); // QEMU is about to make it.
            }
        }
        _stream = new NetworkStream(socket, ownsSocket: true);
        _ = Task.Run(ReadAsync, CancellationToken.None);
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[65536];
        try
        {
            while (await _stream!.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var count)
                Console.Append(buffer.AsSpan(0, count));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // QEMU is gone.
        }
        await _qemu.Exited.ConfigureAwait(false);
        Console.End($"QEMU has ended. {_qemu.Errors}".TrimEnd());
    }
}
