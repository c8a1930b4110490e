namespace Pocketvisor.Cli.Screen;

/// <summary>What <c>--help</c> says about a command.</summary>
/// <param name="Summary">One sentence; the list of commands shows it, too.</param>
/// <param name="Details">What else there is to know; may be empty.</param>
/// <param name="Examples">Command lines.</param>
public sealed record HelpText(string Summary, string Details, IReadOnlyList<string> Examples);
