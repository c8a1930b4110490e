using System.Net.Sockets;
using Pocketvisor.Link;
using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>
/// An emulated handset that has booted: its hardware, its link, and its profiles by name. Dispose it, and nothing of it is left. If it restarts after a
/// panic, the link is made anew (Handset.Restarts.cs).
/// </summary>
public sealed partial class Handset : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly DirectoryInfo _folder;
    private readonly List<string> _serial = [];
    private readonly List<string> _log = [];
    private readonly ProfileTable _profiles;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private readonly List<Action> _early = [];
    private readonly HandsetObserver _observer;
    private QemuProcess? _qemu;
    private LinkClient? _link;
    private Task? _disposing;
    private bool _named;
    private TimeSpan _bootTimeout;

    private Handset(HandsetObserver observer)
    {
        _observer = observer;
        _profiles = new ProfileTable((index, bytes, token) => Link.InputAsync(index, bytes, token));
        _folder = Directory.CreateTempSubdirectory("pocket-"); // Readable by this user alone; short, because socket paths must be.
    }

    /// <summary>What the keeper said about the handset when it came up.</summary>
    public HandsetInfo Info { get; private set; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>The link, for requests that have no method here.</summary>
    public LinkClient Link => _link!;

    /// <summary>Process id of QEMU.</summary>
    public int ProcessId => _qemu!.Id;

    /// <summary>Ends when the handset has turned itself off, or died.</summary>
    public Task Off => _qemu!.Exited;

    /// <summary>Lines that the handset wrote on its serial port: the hypervisor's and, up to the Hello, the keeper's.</summary>
    public IReadOnlyList<string> Serial
    {
        get
        {
            lock (_lock)
                return [.. _serial];
        }
    }

    /// <summary>Lines of the keeper's log.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_lock)
                return [.. _log];
        }
    }

    /// <summary>Starts a handset and waits until its keeper answers.</summary>
    /// <param name="options">The handset.</param>
    /// <param name="observer">Is told what happens, from the first line on; its methods are called one after the other.</param>
    /// <param name="cancellation">Ends the attempt, and the handset.</param>
    /// <exception cref="HandsetException">It didn't come up; the message holds its last lines.</exception>
    /// <exception cref="ProfileException">A profile's file is missing.</exception>
    public static async Task<Handset> StartAsync(HandsetOptions options, HandsetObserver? observer = null, CancellationToken cancellation = default)
    {
        var handset = new Handset(observer ?? new HandsetObserver());
        try
        {
            await handset.BootAsync(options, cancellation).ConfigureAwait(false);
            return handset;
        }
        catch
        {
            await handset.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Turns the handset off: stops the profiles in the reverse order of their start, each with <paramref name="patience"/> (default 20 s)
    /// until it is destroyed, then the keeper, then QEMU, whatever they answer.
    /// </summary>
    public async Task ShutdownAsync(bool force = false, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        try
        {
            foreach (var profile in ProfileNames.Reverse())
            {
                if ((await StatusAsync(profile, cancellation).ConfigureAwait(false)).State is LinkProfileState.Off or LinkProfileState.Failed)
                    continue;
                _observer.Stopping(profile);
                await StopAsync(profile, force, patience, cancellation).ConfigureAwait(false);
            }
            await Link.ShutdownAsync(force, cancellation).WaitAsync(TimeSpan.FromSeconds(5), cancellation).ConfigureAwait(false);
            await Off.WaitAsync(TimeSpan.FromSeconds(10), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HandsetException or TimeoutException or OperationCanceledException)
        {
            // What doesn't go in order goes without.
        }
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends the handset at once, like pulling the battery, and removes its files.</summary>
    public ValueTask DisposeAsync()
    {
        // Someone who insists may come while someone else is at it.
        lock (_lock)
            return new ValueTask(_disposing ??= Task.Run(EndAsync));
    }

    private async Task EndAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _restart.ConfigureAwait(false);
        if (_link is not null)
            await _link.DisposeAsync().ConfigureAwait(false);
        if (_qemu is not null)
            await _qemu.DisposeAsync().ConfigureAwait(false);
        if (_folder.Exists)
            _folder.Delete(recursive: true);
    }

    private async Task BootAsync(HandsetOptions options, CancellationToken cancellation)
    {
        if (!File.Exists(options.Image))
            throw new HandsetException($"{options.Image} is not there: run `pocket build` first.");
        string? medium = null;
        if (options.Profiles.Count + options.BootMedium.Count > 0)
        {
            medium = Path.Combine(_folder.FullName, "boot.cpio");
            await using var file = File.Create(medium);
            CpioArchive.Write(file, BootMedium.Pack(options.Profiles).Concat(options.BootMedium));
        }
        _bootTimeout = options.BootTimeout;
        _qemu = QemuProcess.Start(QemuProcess.Arguments(options, medium, SocketPath), SerialLine);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.BootTimeout);
        try
        {
            var hello = HelloAsync(limit.Token);
            if (await Task.WhenAny(hello, _qemu.Exited).ConfigureAwait(false) != hello && !hello.IsCompletedSuccessfully)
            {
                await limit.CancelAsync().ConfigureAwait(false);
                throw new HandsetException($"The handset ended while it booted. {Evidence()}");
            }
            await hello.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HandsetException($"The keeper did not answer within {options.BootTimeout.TotalSeconds:0} s. {Evidence()}");
        }
        if (medium is not null)
            File.Delete(medium); // QEMU has it in memory.
        _ = Task.Run(async () =>
        {
            await Off.ConfigureAwait(false);
            _profiles.End("the handset is off.");
        }, CancellationToken.None);
    }

    private async Task HelloAsync(CancellationToken cancellation)
    {
        Socket socket;
        while (true)
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellation).ConfigureAwait(false);
                break;
            }
            catch (SocketException)
            {
                socket.Dispose();
                await Task.Delay(20, cancellation).ConfigureAwait(false); // QEMU is about to make it.
            }
        }
        _link = new LinkClient(new NetworkStream(socket, ownsSocket: true));
        _link.Output += (profile, bytes) => WhenNamed(() => Output(profile, bytes));
        _link.Log += line => WhenNamed(() => LogLine(line));
        _link.StateChanged += change => WhenNamed(() => Changed(change));
        _link.ProfilesChanged += () => _ = Task.Run(RefreshAsync);
        _link.Start();
        Info = await _link.HelloAsync(cancellation).ConfigureAwait(false);
        var list = await _link.ListAsync(cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            _profiles.Update(list);
            _observer.Connected(Info, list);
            _named = true;
            foreach (var action in _early)
                action();
            _early.Clear();
        }
    }

    /// <summary>Asks for the profiles again. Happens by itself when some come or go; who has just pushed or removed one may want to wait for it.</summary>
    public async Task RefreshAsync()
    {
        await _refreshing.WaitAsync().ConfigureAwait(false); // What is asked last counts.
        try
        {
            var list = await Link.ListAsync().ConfigureAwait(false);
            WhenNamed(() =>
            {
                _profiles.Update(list);
                _observer.ProfilesChanged(list);
            });
        }
        catch (HandsetException)
        {
            // The handset has ended.
        }
        finally
        {
            _refreshing.Release();
        }
    }

    // Events that come before the profiles' names are known wait for them.
    private void WhenNamed(Action action)
    {
        lock (_lock)
        {
            if (_named)
                action();
            else
                _early.Add(action);
        }
    }

    private void SerialLine(string line)
    {
        lock (_lock)
        {
            _serial.Add(line);
            _observer.Serial(line);
            WatchForRestart(line);
        }
    }

    private void LogLine(string line)
    {
        _log.Add(line);
        _observer.Log(line);
    }

    private void Output(int profile, ReadOnlyMemory<byte> bytes)
    {
        if (_profiles.TryConsole(profile) is not { } console)
            return;
        console.Append(bytes.Span);
        _observer.Output(console.Name, bytes);
    }

    private void Changed(StateChange change)
    {
        if (_profiles.TryConsole(change.Profile) is not { } console)
            return;
        _profiles.Changed(change);
        _observer.StateChanged(console.Name, change);
    }

    // Short, because sockets' addresses are.
    private string SocketPath => Path.Combine(_folder.FullName, "link.sock");

    private string Evidence()
    {
        var errors = _qemu?.Errors ?? "";
        var lines = Serial.TakeLast(15).Select(line => $"  handset │ {line}");
        return (errors.Length > 0 ? $"QEMU says: {errors} " : "") + "Its last lines:" + Environment.NewLine + string.Join(Environment.NewLine, lines.DefaultIfEmpty("  (none)"));
    }
}
