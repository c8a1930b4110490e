using System.Net.Sockets;
using Pocketvisor.Handsets;
using Pocketvisor.Link;

namespace Pocketvisor.Cli.Hub;

/// <summary>Serves the other commands of <c>pocket</c> on the control socket, several at once.</summary>
public sealed class ControlServer : IAsyncDisposable
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromMilliseconds(500);

    private readonly Socket _listener;
    private readonly Handset _handset;
    private readonly Func<string, ConsoleTap> _taps;
    private readonly Func<bool, Task> _down;
    private readonly CancellationTokenSource _closing = new();
    private readonly StoreService _store;
    private readonly Task _accepting;

    /// <summary>Begins to serve.</summary>
    /// <param name="path">Of the socket.</param>
    /// <param name="handset">What is served.</param>
    /// <param name="taps">Gives a profile's console.</param>
    /// <param name="down">Turns the handset off, by force or not.</param>
    public ControlServer(string path, Handset handset, Func<string, ConsoleTap> taps, Func<bool, Task> down)
    {
        (_handset, _taps, _down) = (handset, taps, down);
        _store = new StoreService(() => new LinkStore(handset.Link));
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); // Whoever may connect, commands the handset.
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_closing.Token);
                _ = Task.Run(() => ServeAsync(new LineSocket(socket)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Closing.
        }
    }

    private async Task ServeAsync(LineSocket connection)
    {
        using (connection)
        {
            try
            {
                if (await connection.ReceiveAsync<ControlRequest>(_closing.Token) is not { } request)
                    return;
                if (request.Verb == ControlVerb.Console)
                    await ConsoleAsync(connection, request.Profile!);
                else if (request.Verb is ControlVerb.Push or ControlVerb.Pull)
                    await _store.TransferAsync(connection, request, _closing.Token);
                else
                    await connection.SendAsync(await AnswerAsync(request), CancellationToken.None);
            }
            catch (Exception e) when (e is HandsetException or TimeoutException)
            {
                await TrySendAsync(connection, new ControlReply(e.Message));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The other command has gone, or we are going.
            }
            catch (Exception e)
            {
                // A mistake of ours in one request must not take the handset down.
                await TrySendAsync(connection, new ControlReply($"The hub could not do that ({e.GetType().Name}: {e.Message}); please report it."));
            }
        }
    }

    private static async Task TrySendAsync(LineSocket connection, ControlReply reply)
    {
        try
        {
            await connection.SendAsync(reply, CancellationToken.None);
        }
        catch (IOException)
        {
            // It has gone.
        }
    }

    private async Task<ControlReply> AnswerAsync(ControlRequest request)
    {
        var profile = request.Profile ?? "";
        TimeSpan? patience = request.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        switch (request.Verb)
        {
            case ControlVerb.List:
                return await ListAsync();
            case ControlVerb.Start when await RunsAsync(profile):
                return new ControlReply(Message: $"{profile} runs already.");
            case ControlVerb.Start:
                await _handset.StartAsync(profile, patience, _closing.Token);
                return new ControlReply(Message: $"{profile} started.");
            case ControlVerb.Stop when !await RunsAsync(profile):
                return new ControlReply(Message: $"{profile} is off already.");
            case ControlVerb.Stop:
                return new ControlReply(Message: await _handset.StopAsync(profile, request.Force, patience, _closing.Token)
                    ? $"{profile} stopped."
                    : request.Force ? $"{profile} was switched off." : $"{profile} was not off in time and was switched off; --timeout gives it longer.");
            case ControlVerb.Restart:
                await _handset.RestartAsync(profile, request.Force, patience, _closing.Token);
                return new ControlReply(Message: $"{profile} restarted.");
            case ControlVerb.Resize:
                await _handset.Link.ResizeAsync(_handset.Index(profile), request.Columns, request.Rows, _closing.Token);
                return new ControlReply();
            case ControlVerb.Exec when !await RunsAsync(profile):
                return new ControlReply($"{profile} is off: start it with `pocket start {profile}`.");
            case ControlVerb.Exec:
                await _handset.Console(profile).WaitForShellAsync(patience, _closing.Token);
                var result = await _handset.Console(profile).RunAsync(request.Command ?? "true", patience, _closing.Token);
                return new ControlReply(Message: result.Output, ExitCode: result.ExitCode);
            case ControlVerb.Owners:
                return new ControlReply(Owners: await _handset.OwnersAsync(_closing.Token));
            case ControlVerb.Store or ControlVerb.Files or ControlVerb.Manifest or ControlVerb.Remove:
                return await _store.AnswerAsync(request, _closing.Token);
            case ControlVerb.Down:
                await _down(request.Force);
                return new ControlReply(Message: "It is off.");
            default:
                return new ControlReply("The hub doesn't know this request: turn the handset off with `pocket down` and start it again.");
        }
    }

    private async Task<bool> RunsAsync(string profile) =>
        (await _handset.StatusAsync(profile, _closing.Token)).State is not (LinkProfileState.Off or LinkProfileState.Failed);

    private async Task<ControlReply> ListAsync()
    {
        // Rates need two looks.
        var before = await _handset.ListAsync(_closing.Token);
        await Task.Delay(RateWindow, _closing.Token);
        var now = await _handset.ListAsync(_closing.Token);
        var elapsed = Math.Max((now.Now - before.Now).TotalSeconds, 1e-6);
        var info = _handset.Info;
        return new ControlReply(
            Handset: new HandsetView(info.Cores, info.MemoryBytes, info.HypervisorBytes, info.KeeperBytes, now.Now.TotalSeconds, _handset.ProcessId),
            Profiles: [.. now.Profiles.Select(status => View(status, before.Profiles.FirstOrDefault(old => old.Index == status.Index), elapsed))]);
    }

    private ProfileView View(ProfileStatus status, ProfileStatus? before, double elapsed)
    {
        // Counts that went back belong to a profile that has started anew.
        var same = before is not null && before.Exits <= status.Exits && before.CpuTime <= status.CpuTime;
        return new ProfileView(
            status.Name, status.State.ToString().ToLowerInvariant(), status.Cores, status.MemoryBytes, status.Weight, status.CpuTime.TotalSeconds,
            same ? (status.CpuTime - before!.CpuTime).TotalSeconds / elapsed * 100 : 0, same ? (status.Exits - before!.Exits) / elapsed : 0, status.Uptime.TotalSeconds,
            status.State == LinkProfileState.Failed && _handset.LastChange(status.Name) is { Reason.Length: > 0 } change ? change.Reason : null);
    }

    private async Task ConsoleAsync(LineSocket connection, string profile)
    {
        var console = _handset.Console(profile);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        await connection.SendAsync(new ControlReply(), leaving.Token);
        var typing = TypeAsync();
        try
        {
            await foreach (var bytes in _taps(profile).Listen(leaving.Token).ReadAllAsync(CancellationToken.None))
                await connection.Stream.WriteAsync(bytes, leaving.Token);
        }
        finally
        {
            await leaving.CancelAsync();
        }
        await typing;

        async Task TypeAsync()
        {
            var buffer = new byte[1024];
            try
            {
                while (await connection.Stream.ReadAsync(buffer, leaving.Token) is > 0 and var count)
                {
                    try
                    {
                        await _handset.Link.InputAsync(_handset.Index(profile), buffer.AsMemory(0, count), leaving.Token);
                    }
                    catch (HandsetException) when (_handset.IsRestarting)
                    {
                        // Nobody is there to read it; the terminal stays for what comes.
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or HandsetException)
            {
                // The terminal has gone.
            }
            await leaving.CancelAsync();
        }
    }
}
