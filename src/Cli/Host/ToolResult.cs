namespace Pocketvisor.Cli.Host;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Lines">What it printed.</param>
public sealed record ToolResult(int ExitCode, IReadOnlyList<string> Lines)
{
    /// <summary>Whether it did its work.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last lines, for an error.</summary>
    public string Tail(int count = 15) => string.Join(Environment.NewLine, Lines.Where(line => line.Trim().Length > 0).TakeLast(count).Select(line => "  " + line));
}
