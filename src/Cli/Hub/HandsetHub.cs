using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Cli.Storage;
using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Hub;

/// <summary>
/// The process that a running handset belongs to: shows it, keeps its log, serves the other commands, and turns it off in order.
/// </summary>
public sealed class HandsetHub(RunState state, BootScreen screen)
{
    /// <summary>Runs a handset until it is off.</summary>
    /// <returns>An exit code.</returns>
    public async Task<int> RunAsync(HandsetOptions options, TimeSpan? patience, CancellationToken cancellation)
    {
        using var held = state.Acquire();
        using var flash = options.Flash is { } path ? FlashImage.Lock(path) : null;
        await using var log = new StreamWriter(state.LogFile, append: false) { AutoFlush = true };
        var observer = new Observer(screen, TextWriter.Synchronized(log));
        var off = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var booting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // The first Ctrl-C, TERM or hang-up asks; the second insists.
        var signals = 0;
        void Signal(PosixSignalContext context)
        {
            context.Cancel = true;
            var count = Interlocked.Increment(ref signals);
            booting.Cancel();
            off.TrySetResult(count > 1);
            if (count == 2)
                observer.Insist();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Signal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Signal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Signal);

        Handset handset;
        try
        {
            handset = await Handset.StartAsync(options, observer, booting.Token);
        }
        catch (OperationCanceledException)
        {
            screen.Note("The handset was turned off before it had booted.");
            return ExitCodes.Interrupted;
        }

        await using (handset)
        {
            var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var server = new ControlServer(state.ControlSocket, handset, observer.Tap, async force =>
            {
                off.TrySetResult(force);
                if (force)
                    observer.Insist();
                await finished.Task;
            });
            screen.Ready(state.Handset, handset);
            var asked = await Task.WhenAny(off.Task, handset.Off) == off.Task;
            if (asked)
            {
                screen.Note(signals > 0 ? "Turning the handset off; press Ctrl-C again to insist." : "Turning the handset off.");
                var orderly = handset.ShutdownAsync(await off.Task, patience, CancellationToken.None);
                if (await Task.WhenAny(orderly, observer.Insisted) != orderly)
                    await handset.DisposeAsync();
                await orderly;
            }
            else
            {
                await handset.DisposeAsync();
            }
            observer.Flush();
            screen.Note(asked ? "The handset is off." : handset.Trouble is { } trouble ? $"The handset has turned itself off: {trouble}" : "The handset has turned itself off.");
            finished.TrySetResult();
            await Task.Delay(200, CancellationToken.None); // Lets the server tell whoever asked.
            return asked ? ExitCodes.Done : ExitCodes.Failed;
        }
    }

    private sealed class Observer(BootScreen screen, TextWriter lines) : HandsetObserver
    {
        private const string KeeperMark = "keeper: ", KeeperPanic = "keeper: panic: ";

        private readonly HashSet<string> _shown = [], _logged = [], _waiting = [];
        private bool _connected, _restarted;
        private readonly ConcurrentDictionary<string, ConsoleTap> _taps = new();
        private readonly TaskCompletionSource _insisted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Insisted => _insisted.Task;

        public ConsoleTap Tap(string profile) => _taps.GetOrAdd(profile, _ => new ConsoleTap());

        public void Insist() => _insisted.TrySetResult();

        public override void Serial(string line)
        {
            if (line.StartsWith(KeeperPanic, StringComparison.Ordinal))
                _connected = false; // The report comes by no other way.
            if (!_connected || !line.StartsWith(KeeperMark, StringComparison.Ordinal))
            {
                _shown.Add(line);
                Show("handset", line);
                return;
            }

            // The keeper logs to the serial port and to the link. The link's is shown, unless it doesn't come: then the keeper is in trouble.
            if (_logged.Remove(line))
                return;
            lock (_waiting)
                _waiting.Add(line);
            _ = Task.Delay(1000).ContinueWith(_ =>
            {
                lock (_waiting)
                    if (_waiting.Remove(line))
                        Show("handset", line);
            }, TaskScheduler.Default);
        }

        public override void Log(string line)
        {
            if (_shown.Remove(line))
                return;
            lock (_waiting)
                if (!_waiting.Remove(line))
                    _logged.Add(line);
            Show("keeper", line.StartsWith(KeeperMark, StringComparison.Ordinal) ? line[KeeperMark.Length..] : line);
        }

        /// <summary>Shows what the keeper said on the serial port alone, at the end.</summary>
        public void Flush()
        {
            lock (_waiting)
            {
                foreach (var line in _waiting)
                    Show("handset", line);
                _waiting.Clear();
            }
        }

        public override void Connected(HandsetInfo info, ProfileList profiles)
        {
            if (_restarted)
                Note("The handset is up again.");
            _connected = true;
            screen.Know(profiles.Profiles.Select(profile => profile.Name));
        }

        public override void Restarting(string why)
        {
            Flush();
            _connected = false;
            _restarted = true;
            _shown.Clear();
            _logged.Clear();
            Note($"The handset restarts: {why}");
        }

        public override void Output(string profile, ReadOnlyMemory<byte> bytes)
        {
            Tap(profile).Say(bytes);
            screen.Console(profile, bytes.Span);
        }

        public override void StateChanged(string profile, StateChange change)
        {
            var text = $"{profile} is {change.State.ToString().ToLowerInvariant()}{(change.Reason.Length > 0 ? $": {change.Reason}" : "")}";
            Write("state", text);
            screen.State(profile, change);
        }

        public override void Stopping(string profile) => screen.Note($"Stopping {profile} …");

        private void Note(string text)
        {
            Write("hub", text);
            screen.Note(text);
        }

        private void Show(string source, string line)
        {
            Write(source, line);
            screen.Line(source, line);
        }

        private void Write(string source, string line) =>
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:yyyy-MM-dd HH:mm:ss.fff} {source,-8} {line}"));
    }
}
