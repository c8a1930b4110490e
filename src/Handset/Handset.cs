using System.Net.Sockets;
using Pocketvisor.Link;
using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>
/// An emulated handset that has booted: its hardware, its link, and its profiles by name. Dispose it, and nothing of it is left.
/// </summary>
public sealed class Handset : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly DirectoryInfo _folder;
    private readonly List<string> _serial = [];
    private readonly List<string> _log = [];
    private readonly Dictionary<int, ProfileConsole> _consoles = [];
    private readonly Dictionary<string, int> _indices = [];
    private readonly Dictionary<int, StateChange> _states = [];
    private readonly List<Action> _early = [];
    private readonly HandsetObserver _observer;
    private QemuProcess? _qemu;
    private LinkClient? _link;
    private Task? _disposing;
    private bool _named;

    private Handset(HandsetObserver observer)
    {
        _observer = observer;
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

    /// <summary>Names of the profiles, in the order in which they start.</summary>
    public IReadOnlyList<string> ProfileNames => [.. _indices.OrderBy(pair => pair.Value).Select(pair => pair.Key)];

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

    /// <summary>A profile's console.</summary>
    public ProfileConsole Console(string profile)
    {
        var index = Index(profile);
        lock (_lock)
            return _consoles[index];
    }

    /// <summary>Every profile's status.</summary>
    public Task<ProfileList> ListAsync(CancellationToken cancellation = default) => Link.ListAsync(cancellation);

    /// <summary>One profile's status.</summary>
    public async Task<ProfileStatus> StatusAsync(string profile, CancellationToken cancellation = default)
    {
        var index = Index(profile);
        return (await Link.ListAsync(cancellation).ConfigureAwait(false)).Profiles.Single(status => status.Index == index);
    }

    /// <summary>Sums over the owner table.</summary>
    public Task<OwnerTable> OwnersAsync(CancellationToken cancellation = default) => Link.OwnersAsync(cancellation);

    /// <summary>Starts a profile that is off, and waits until it runs (not until its system has booted: wait for its console).</summary>
    /// <exception cref="HandsetException">The keeper refused, or the profile failed.</exception>
    public async Task StartAsync(string profile, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        await Link.StartProfileAsync(Index(profile), cancellation).ConfigureAwait(false);
        var state = await WaitForStateAsync(profile, [LinkProfileState.Running, LinkProfileState.Failed], timeout, cancellation).ConfigureAwait(false);
        if (state.State == LinkProfileState.Failed)
            throw new HandsetException($"{profile} did not start: {await ReasonAsync(profile).ConfigureAwait(false)}; see `pocket logs`.");
    }

    /// <summary>
    /// Stops a profile: presses its power button and waits until it is off. After <paramref name="patience"/> its VM is destroyed; with
    /// <paramref name="force"/> at once.
    /// </summary>
    /// <returns>True if it went by itself, false if it had to be destroyed.</returns>
    public async Task<bool> StopAsync(string profile, bool force = false, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        LinkProfileState[] ended = [LinkProfileState.Off, LinkProfileState.Failed];
        if (!force)
        {
            await Link.StopProfileAsync(Index(profile), force: false, cancellation).ConfigureAwait(false);
            try
            {
                await WaitForStateAsync(profile, ended, patience ?? TimeSpan.FromSeconds(20), cancellation).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException)
            {
                // It doesn't listen to its power button.
            }
        }
        await Link.StopProfileAsync(Index(profile), force: true, cancellation).ConfigureAwait(false);
        await WaitForStateAsync(profile, ended, TimeSpan.FromSeconds(20), cancellation).ConfigureAwait(false);
        return false;
    }

    /// <summary>Stops a profile (see <see cref="StopAsync"/>) if it runs, and starts it.</summary>
    public async Task RestartAsync(string profile, bool force = false, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        if ((await StatusAsync(profile, cancellation).ConfigureAwait(false)).State is not (LinkProfileState.Off or LinkProfileState.Failed))
            await StopAsync(profile, force, patience, cancellation).ConfigureAwait(false);
        await StartAsync(profile, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits until a profile is in one of some states.</summary>
    /// <exception cref="TimeoutException">It wasn't, within <paramref name="timeout"/> (default 30 s).</exception>
    public async Task<ProfileStatus> WaitForStateAsync(
        string profile, IReadOnlyCollection<LinkProfileState> states, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(30);
        var start = DateTime.UtcNow;
        while (true)
        {
            // By asking, not by events: an answer is true now, whatever events are still under way.
            var status = await StatusAsync(profile, cancellation).ConfigureAwait(false);
            if (states.Contains(status.State))
                return status;
            if (DateTime.UtcNow - start > limit)
                throw new TimeoutException($"{profile} is {status.State.ToString().ToLowerInvariant()}, and not {string.Join(" or ", states).ToLowerInvariant()} after {limit.TotalSeconds:0} s.");
            await Task.Delay(100, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The last change of a profile's state that the keeper told, or null if there was none since the PC connected.</summary>
    public StateChange? LastChange(string profile)
    {
        var index = Index(profile);
        lock (_lock)
            return _states.GetValueOrDefault(index);
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
        var socketPath = Path.Combine(_folder.FullName, "link.sock");
        _qemu = QemuProcess.Start(QemuProcess.Arguments(options, medium, socketPath), SerialLine);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.BootTimeout);
        try
        {
            var hello = HelloAsync(socketPath, limit.Token);
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
            lock (_lock)
                foreach (var console in _consoles.Values)
                    console.End("the handset is off.");
        }, CancellationToken.None);
    }

    private async Task HelloAsync(string socketPath, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        while (true)
        {
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellation).ConfigureAwait(false);
                break;
            }
            catch (SocketException)
            {
                await Task.Delay(20, cancellation).ConfigureAwait(false); // QEMU is about to make it.
            }
        }
        _link = new LinkClient(new NetworkStream(socket, ownsSocket: true));
        _link.Output += (profile, bytes) => WhenNamed(() => Output(profile, bytes));
        _link.Log += line => WhenNamed(() => LogLine(line));
        _link.StateChanged += change => WhenNamed(() => Changed(change));
        _link.Start();
        Info = await _link.HelloAsync(cancellation).ConfigureAwait(false);
        var list = await _link.ListAsync(cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            foreach (var status in list.Profiles)
            {
                _indices[status.Name] = status.Index;
                _consoles[status.Index] = new ProfileConsole(status.Name, (bytes, token) => _link.InputAsync(status.Index, bytes, token));
            }
            _observer.Connected(Info, list);
            _named = true;
            foreach (var action in _early)
                action();
            _early.Clear();
        }
    }

    /// <summary>A profile's number on the handset.</summary>
    /// <exception cref="HandsetException">There is none of this name; the message lists those that there are.</exception>
    public int Index(string profile) => _indices.TryGetValue(profile, out var index)
        ? index
        : throw new HandsetException($"There is no profile \"{profile}\" on the handset: it has {string.Join(", ", ProfileNames)}.");

    private async Task<string> ReasonAsync(string profile)
    {
        await Task.Delay(100).ConfigureAwait(false); // The event may be just behind the answer.
        return LastChange(profile)?.Reason is { Length: > 0 } reason ? reason : "the keeper gave no reason";
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
        }
    }

    private void LogLine(string line)
    {
        _log.Add(line);
        _observer.Log(line);
    }

    private void Output(int profile, ReadOnlyMemory<byte> bytes)
    {
        if (!_consoles.TryGetValue(profile, out var console))
            return;
        console.Append(bytes.Span);
        _observer.Output(console.Name, bytes);
    }

    private void Changed(StateChange change)
    {
        if (!_consoles.TryGetValue(change.Profile, out var console))
            return;
        _states[change.Profile] = change;
        _observer.StateChanged(console.Name, change);
    }

    private string Evidence()
    {
        var errors = _qemu?.Errors ?? "";
        var lines = Serial.TakeLast(15).Select(line => $"  handset │ {line}");
        return (errors.Length > 0 ? $"QEMU says: {errors} " : "") + "Its last lines:" + Environment.NewLine + string.Join(Environment.NewLine, lines.DefaultIfEmpty("  (none)"));
    }
}
