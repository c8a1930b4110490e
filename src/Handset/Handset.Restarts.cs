namespace Pocketvisor.Handsets;

/// <content>A handset that panics says why on its serial port and begins anew: the PC notices, and connects again.</content>
public sealed partial class Handset
{
    private const string PanicMark = ": panic: ", RestartMark = "pocketvisor: restarting the handset", GreetingMark = "pocketvisor: ";

    private readonly CancellationTokenSource _ending = new();
    private Task _restart = Task.CompletedTask;
    private int _restarts;
    private TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many times it has restarted by itself.</summary>
    public int Restarts => Volatile.Read(ref _restarts);

    /// <summary>It has restarted, and its keeper has not answered again yet.</summary>
    public bool IsRestarting
    {
        get
        {
            lock (_lock)
                return !_restart.IsCompleted;
        }
    }

    /// <summary>The last panic that it reported, or what else went wrong; null if nothing has.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Waits until a handset that restarts answers again.</summary>
    /// <exception cref="HandsetException">It doesn't: it is off now.</exception>
    public async Task RestartedAsync(CancellationToken cancellation = default)
    {
        Task restart;
        lock (_lock)
            restart = _restart;
        await restart.WaitAsync(cancellation).ConfigureAwait(false);
        if (Off.IsCompleted)
            throw new HandsetException($"The handset is off: {Trouble}.");
    }

    // Under the lock. Before the first Hello there is nothing to do again: that one is still under way.
    private void WatchForRestart(string line)
    {
        if (line.Contains(PanicMark, StringComparison.Ordinal))
            Trouble = line;
        if (line != RestartMark)
        {
            if (line.StartsWith(GreetingMark, StringComparison.Ordinal))
                _greeted.TrySetResult();
            return;
        }
        if (!_named || _ending.IsCancellationRequested)
            return;
        _greeted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var greeted = _greeted.Task;
        var why = Trouble ?? "it gave no reason";
        var before = _restart;
        _restart = Task.Run(() => ReconnectAsync(before, greeted, why), CancellationToken.None);
    }

    private async Task ReconnectAsync(Task before, Task greeted, string why)
    {
        await before.ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        limit.CancelAfter(_bootTimeout);
        try
        {
            // QEMU keeps the socket open while the handset restarts, with half of a frame in it perhaps.
            Link.WhyClosed = $"The handset restarts ({why}): try again in a moment; see `pocket logs`.";
            await Link.DisposeAsync().ConfigureAwait(false);
            lock (_lock)
            {
                _named = false;
                _early.Clear();
                _profiles.Interrupt("the handset restarts.");
                _observer.Restarting(why);
            }
            // Until the new one speaks, the old one may be there, and swallow what we say.
            await greeted.WaitAsync(limit.Token).ConfigureAwait(false);
            var hello = HelloAsync(limit.Token);
            if (await Task.WhenAny(hello, Off).ConfigureAwait(false) != hello)
                await limit.CancelAsync().ConfigureAwait(false);
            await hello.ConfigureAwait(false);
            lock (_lock)
                Trouble = null;
            Interlocked.Increment(ref _restarts);
        }
        catch (Exception e) when (e is OperationCanceledException or HandsetException)
        {
            if (_ending.IsCancellationRequested)
                return;
            Trouble = $"it restarted ({why}) and did not come up again within {_bootTimeout.TotalSeconds:0} s";
            _qemu!.Kill();
        }
    }
}
