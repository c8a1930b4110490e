using System.Diagnostics;
using System.Globalization;
using Pocketvisor.Handsets;
using Pocketvisor.Link;

namespace Pocketvisor.Cli.Soak;

/// <summary>Two profiles at work, and somebody who starts, stops, kills, asks and transfers at random. Whatever happens, what is kept must not grow by a page.</summary>
public sealed class SoakRun(SoakHandset soak, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, (long Passed, long Short)> _rounds = [];
    private int _starts, _stops, _kills, _transfers, _questions, _measurements;
    private long _passed, _short;
    private ulong _keptBefore, _keptAfter;

    /// <summary>Goes on for a time, or until something is wrong.</summary>
    /// <param name="time">How long.</param>
    /// <param name="report">Is told what it is at.</param>
    /// <param name="cancellation">Ends it early, as a success.</param>
    public async Task<SoakResult> RunAsync(TimeSpan time, Action<string> report, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        string? failure = null;
        try
        {
            // What the heap takes for a second profile and a transfer it takes once.
            foreach (var name in SoakHandset.Names)
                await StartAsync(name, cancellation);
            await TransferAsync(cancellation);
            _keptBefore = _keptAfter = (await soak.KeptAsync(cancellation)).KeptBytes;
            while (watch.Elapsed < time)
            {
                report(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed:h\\:mm\\:ss} of {time:h\\:mm\\:ss}, {_starts} starts, {_transfers} transfers"));
                await StepAsync(cancellation);
                await MeasureAsync(cancellation);
            }
            if (_passed == 0)
                failure = "stress-ng passed no round that was looked at: this machine is too slow, or the time too short.";
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is HandsetException or TimeoutException or UserException)
        {
            failure = e.Message;
        }
        return new SoakResult(seed, watch.Elapsed, _starts, _stops, _kills, _transfers, _questions, _passed, _short, _keptBefore, _keptAfter, _measurements, failure);
    }

    private async Task StepAsync(CancellationToken cancellation)
    {
        var name = SoakHandset.Names[_random.Next(SoakHandset.Names.Count)];
        switch (_random.Next(10))
        {
            case 0:
                await CheckAsync(name, cancellation);
                await soak.Handset.StopAsync(name, patience: TimeSpan.FromMinutes(1), cancellation: cancellation);
                _stops++;
                await StartAsync(name, cancellation);
                break;
            case 1:
                await soak.Handset.StopAsync(name, force: true, cancellation: cancellation);
                _kills++;
                await StartAsync(name, cancellation);
                break;
            case 2 or 3 or 4:
                await TransferAsync(cancellation);
                break;
            case 5 or 6:
                await CheckAsync(name, cancellation);
                break;
            default:
                _questions++;
                await soak.Handset.ListAsync(cancellation);
                await Task.Delay(_random.Next(2000), cancellation);
                break;
        }
    }

    private async Task StartAsync(string name, CancellationToken cancellation)
    {
        await soak.StartWorkAsync(name, cancellation);
        _starts++;
        _rounds[name] = default;
    }

    private async Task TransferAsync(CancellationToken cancellation)
    {
        await soak.PushAsync(cancellation);
        if (!await soak.PullAndRemoveAsync(cancellation))
            throw new UserException("A profile that was brought over the link came back changed.");
        _transfers++;
    }

    // stress-ng checks what it computes, and what it reads back.
    private async Task CheckAsync(string name, CancellationToken cancellation)
    {
        _questions++;
        var said = await soak.AskAsync(name, "cat /tmp/failed 2>/dev/null; echo rounds $(cat /tmp/rounds 2>/dev/null)", cancellation);
        if (!said.StartsWith("rounds", StringComparison.Ordinal))
            throw new UserException($"In {name} a round of stress-ng failed: {said}");
        if (said.Split(' ') is not [_, var passed, var cut])
            return; // the first one is not over
        var now = (Passed: long.Parse(passed, CultureInfo.InvariantCulture), Short: long.Parse(cut, CultureInfo.InvariantCulture));
        _passed += now.Passed - _rounds[name].Passed;
        _short += now.Short - _rounds[name].Short;
        _rounds[name] = now;
    }

    private async Task MeasureAsync(CancellationToken cancellation)
    {
        var list = await soak.Handset.ListAsync(cancellation);
        if (list.Profiles.FirstOrDefault(profile => SoakHandset.Names.Contains(profile.Name) && profile.State != LinkProfileState.Running) is { } other)
            throw new UserException($"{other.Name} is {other.State.ToString().ToLowerInvariant()}, and nobody has stopped it.");
        var kept = (await soak.KeptAsync(cancellation)).KeptBytes;
        _measurements++;
        _keptAfter = Math.Max(_keptAfter, kept);
        if (kept > _keptBefore)
            throw new UserException(string.Create(CultureInfo.InvariantCulture, $"Hypervisor and keeper keep {kept:#,0} bytes; at first they kept {_keptBefore:#,0}."));
    }
}
