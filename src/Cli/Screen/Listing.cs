using Spectre.Console;

namespace Pocketvisor.Cli.Screen;

/// <summary>A table without lines: words to the left, numbers to the right.</summary>
public sealed class Listing
{
    private readonly Table _table = new Table().Border(TableBorder.None);

    /// <summary>Makes an empty table.</summary>
    /// <param name="words">Columns that hold words.</param>
    /// <param name="numbers">Columns that hold numbers, right of them.</param>
    public Listing(string[] words, string[] numbers)
    {
        _table.AddColumns(words);
        foreach (var column in numbers)
            _table.AddColumn(new TableColumn(column).RightAligned());
    }

    /// <summary>A state's word in its colour.</summary>
    public static string State(string state)
    {
        var colour = state switch { "running" or "up" => "green", "failed" => "red", "off" => "grey", _ => "yellow" };
        return $"[{colour}]{Markup.Escape(state)}[/]";
    }

    /// <summary>Adds a row: the first cell is plain text, the others may have Spectre's markup.</summary>
    public void Add(string name, params string[] cells) => _table.AddRow([Markup.Escape(name), .. cells]);

    /// <summary>Writes the table; as wide as it needs to be where nobody's terminal is too narrow for it.</summary>
    public void Write(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
            console.Profile.Width = 200;
        console.Write(_table);
    }
}
