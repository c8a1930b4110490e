using System.Text;
using Pocketvisor.Handsets;
using Pocketvisor.Link;

namespace Pocketvisor.Cli.Screen;

/// <summary>
/// Shows a handset's life line by line, each marked with whose it is:
/// <code>
/// handset  │ …        its serial port: the hypervisor
/// keeper   │ …        the keeper's log
/// work     │ …        a profile's console
/// </code>
/// </summary>
public sealed class BootScreen(TextWriter output, bool colours)
{
    private const string Grey = "90", Bold = "1";
    private static readonly string[] Palette = ["36", "33", "35", "32", "34", "31"];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Source> _sources = [];
    private int _width = "handset".Length;

    /// <summary>Learns the profiles' names, for colours and for the width of the margin.</summary>
    public void Know(IEnumerable<string> profiles)
    {
        lock (_lock)
        {
            foreach (var name in profiles)
            {
                _sources.TryAdd(name, new Source(Palette[_sources.Count % Palette.Length]));
                _width = Math.Max(_width, name.Length);
            }
        }
    }

    /// <summary>A whole line of the handset's or the keeper's.</summary>
    public void Line(string source, string line)
    {
        lock (_lock)
            Write(source, Grey, line);
    }

    /// <summary>Bytes of a profile's console; shown when a line is complete.</summary>
    public void Console(string profile, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var source = Find(profile);
            source.Pending.Append(source.Text.Next(bytes));
            var text = source.Pending.ToString();
            var end = text.LastIndexOf('\n');
            if (end < 0)
                return;
            source.Pending.Remove(0, end + 1);
            foreach (var line in text[..end].Split('\n'))
                if (line.Trim().Length > 0)
                    Write(profile, source.Colour, line);
        }
    }

    /// <summary>A profile came into a state.</summary>
    public void State(string profile, StateChange change)
    {
        lock (_lock)
        {
            Flush();
            var word = change.State switch { LinkProfileState.Off => "is off", LinkProfileState.Failed => "failed", _ => $"is {change.State.ToString().ToLowerInvariant()}" };
            Write(profile, Find(profile).Colour, Paint(Bold, $"● {profile} {word}{(change.Reason.Length > 0 ? $": {change.Reason}" : "")}"));
        }
    }

    /// <summary>A word of our own.</summary>
    public void Note(string text)
    {
        lock (_lock)
        {
            Flush();
            output.WriteLine(Paint(Bold, text));
            output.Flush();
        }
    }

    /// <summary>The handset is up: says what can be done with it.</summary>
    public void Ready(string name, Handset handset)
    {
        var first = handset.ProfileNames.Count > 0 ? handset.ProfileNames[^1] : "NAME";
        Note($"{name} is up: {(handset.Info.Cores == 1 ? "1 core" : $"{handset.Info.Cores} cores")}, {handset.Info.MemoryBytes >> 20} MB; {(handset.ProfileNames.Count > 0 ? string.Join(", ", handset.ProfileNames) : "no profiles yet: `pocket push` brings some")}. "
            + $"In another terminal: pocket console {first}, pocket list. Ctrl-C turns it off.");
    }

    // What profiles have begun to say and not ended with a newline, such as a prompt.
    private void Flush()
    {
        foreach (var (name, source) in _sources)
        {
            if (source.Pending.ToString().Trim().Length > 0)
                Write(name, source.Colour, source.Pending.ToString());
            source.Pending.Clear();
        }
    }

    private Source Find(string profile)
    {
        if (!_sources.TryGetValue(profile, out var source))
            _sources[profile] = source = new Source(Palette[_sources.Count % Palette.Length]);
        return source;
    }

    private void Write(string source, string colour, string line)
    {
        output.WriteLine($"{Paint(colour, $"{source.PadRight(_width)} │")} {line}");
        output.Flush();
    }

    private string Paint(string colour, string text) => colours ? $"\u001b[{colour}m{text}\u001b[0m" : text;

    private sealed record Source(string Colour)
    {
        public TerminalText Text { get; } = new();

        public StringBuilder Pending { get; } = new();
    }
}
