using System.Threading.Channels;

namespace Pocketvisor.Cli.Hub;

/// <summary>What a profile's console said lately, and those who listen to it.</summary>
public sealed class ConsoleTap
{
    private const int Kept = 16 * 1024;

    private readonly Lock _lock = new();
    private readonly List<byte> _recent = [];
    private readonly HashSet<ChannelWriter<ReadOnlyMemory<byte>>> _listeners = [];

    /// <summary>The console said something.</summary>
    public void Say(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            _recent.AddRange(bytes.Span);
            if (_recent.Count > 2 * Kept)
                _recent.RemoveRange(0, _recent.Count - Kept);
            foreach (var listener in _listeners)
                listener.TryWrite(bytes);
        }
    }

    /// <summary>Begins to listen: first to what was said lately, then to what comes. A listener that doesn't keep up loses bytes.</summary>
    public ChannelReader<ReadOnlyMemory<byte>> Listen(CancellationToken until)
    {
        var channel = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            channel.Writer.TryWrite(Recent());
            _listeners.Add(channel.Writer);
        }
        until.Register(() =>
        {
            lock (_lock)
                _listeners.Remove(channel.Writer);
            channel.Writer.TryComplete();
        });
        return channel.Reader;
    }

    // The shell asks for the cursor's place at each prompt (ESC [6n); a terminal must not answer questions from the past.
    private byte[] Recent()
    {
        var text = System.Text.Encoding.Latin1.GetString([.. _recent.TakeLast(Kept)]).Replace("\u001b[6n", "", StringComparison.Ordinal);
        var line = text.Length < _recent.Count ? text.IndexOf('\n', StringComparison.Ordinal) + 1 : 0;
        return System.Text.Encoding.Latin1.GetBytes(text[line..]);
    }
}
