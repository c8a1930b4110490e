using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pocketvisor.Handsets;

/// <summary>
/// A profile's console: what it has said so far, and a keyboard. Waiting reads on from where the last wait ended, as a person does.
/// </summary>
public sealed class ProfileConsole
{
    /// <summary>How long waits last when nothing else is said. Long, because emulated handsets share slow machines.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly TerminalText _decoder = new();
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, Task> _type;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _mark;
    private int _commands;
    private string? _end, _interruption;
    private int _interruptions;

    /// <summary>A console that is fed by <see cref="Append"/>.</summary>
    /// <param name="name">The profile's name.</param>
    /// <param name="type">Sends bytes to the guest.</param>
    public ProfileConsole(string name, Func<ReadOnlyMemory<byte>, CancellationToken, Task> type) => (Name, _type) = (name, type);

    /// <summary>The profile's name.</summary>
    public string Name { get; }

    /// <summary>Everything that the console has said, as plain text.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
                return _text.ToString();
        }
    }

    /// <summary>Adds bytes that the guest said.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        TaskCompletionSource more;
        lock (_lock)
        {
            _text.Append(_decoder.Next(bytes));
            more = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        more.TrySetResult();
    }

    /// <summary>Tells whoever waits that nothing more will come.</summary>
    /// <param name="why">A sentence for the exception.</param>
    public void End(string why)
    {
        lock (_lock)
            _end = why;
        Append([]);
    }

    /// <summary>Tells whoever waits now that it waits in vain. Who waits later, waits for what is said from now on.</summary>
    /// <param name="why">A sentence for the exception.</param>
    public void Interrupt(string why)
    {
        lock (_lock)
        {
            _interruption = why;
            _interruptions++;
            _mark = _text.Length;
        }
        Append([]);
    }

    /// <summary>Waits until the console has said <paramref name="text"/>, and reads up to its end.</summary>
    /// <returns>What was said since the last wait, up to and including the text.</returns>
    /// <exception cref="TimeoutException">It didn't in time; the message shows the last lines.</exception>
    /// <exception cref="HandsetException">The handset ended.</exception>
    public async Task<string> WaitForAsync(string text, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var limit = timeout ?? DefaultTimeout;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(limit);
        var interruptions = -1;
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (interruptions < 0)
                    interruptions = _interruptions;
                if (interruptions != _interruptions)
                    throw new HandsetException($"{Name} never said \"{text}\": {_interruption}");
                var said = _text.ToString(_mark, _text.Length - _mark);
                var at = said.IndexOf(text, StringComparison.Ordinal);
                if (at >= 0)
                {
                    _mark += at + text.Length;
                    return said[..(at + text.Length)];
                }
                if (_end is not null)
                    throw new HandsetException($"{Name} never said \"{text}\": {_end} Its last lines:{Environment.NewLine}{LastLines()}");
                more = _more.Task;
            }
            try
            {
                await more.WaitAsync(timer.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"{Name} did not say \"{text}\" within {limit.TotalSeconds:0} s. Its last lines:{Environment.NewLine}{LastLines()}");
            }
        }
    }

    /// <summary>Forgets what was said so far: the next wait looks at what comes from now on.</summary>
    public void SkipToEnd()
    {
        lock (_lock)
            _mark = _text.Length;
    }

    /// <summary>Types text; <c>\n</c> is the Enter key and <c>\u0003</c> Ctrl-C.</summary>
    public Task TypeAsync(string text, CancellationToken cancellation = default) => _type(Encoding.UTF8.GetBytes(text), cancellation);

    /// <summary>Waits until a shell answers. A guest that still boots loses what is typed, or a part of it; so it is asked again.</summary>
    /// <exception cref="TimeoutException">None did in time; the message shows the last lines.</exception>
    public async Task WaitForShellAsync(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var limit = timeout ?? DefaultTimeout;
        var since = Stopwatch.StartNew();
        while (true)
        {
            // A sum, so that the echo of the typed line is not the answer; and no quotes, which half a line would leave open.
            var number = Interlocked.Increment(ref _commands);
            SkipToEnd();
            await TypeAsync($"echo shell-$((1000+{number}))\n", cancellation).ConfigureAwait(false);
            var left = limit > since.Elapsed ? limit - since.Elapsed : TimeSpan.Zero;
            try
            {
                await WaitForAsync($"shell-{1000 + number}", left < AskAgain ? left : AskAgain, cancellation).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException) when (limit > since.Elapsed)
            {
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"No shell answered on {Name}'s console within {limit.TotalSeconds:0} s. Its last lines:{Environment.NewLine}{LastLines()}");
            }
        }
    }

    /// <summary>Runs a command line in the guest's shell, which must be waiting at its prompt, and gives what it printed.</summary>
    /// <exception cref="TimeoutException">It didn't end in time; the message shows the last lines.</exception>
    public async Task<CommandResult> RunAsync(string command, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        // The quotes keep the typed line, which the terminal echoes, from looking like the marks.
        var number = Interlocked.Increment(ref _commands);
        SkipToEnd();
        await TypeAsync($"echo '<''b{number}>'; {command}; echo '<''e{number}:'$?'>'\n", cancellation).ConfigureAwait(false);
        await WaitForAsync($"<b{number}>", timeout, cancellation).ConfigureAwait(false);
        var output = await WaitForAsync($"<e{number}:", timeout, cancellation).ConfigureAwait(false);
        var code = await WaitForAsync(">", timeout, cancellation).ConfigureAwait(false);
        output = output[..^$"<e{number}:".Length].TrimStart('\n');
        return new CommandResult(int.Parse(code[..^1], CultureInfo.InvariantCulture), output.EndsWith('\n') ? output[..^1] : output);
    }

    private string LastLines()
    {
        var lines = _text.ToString(Math.Max(0, _text.Length - 4000), Math.Min(4000, _text.Length)).Split('\n');
        return string.Join(Environment.NewLine, lines.TakeLast(20).Select(line => $"  {Name} │ {line}"));
    }
}
