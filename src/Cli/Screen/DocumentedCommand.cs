using System.CommandLine;

namespace Pocketvisor.Cli.Screen;

/// <summary>A command with examples.</summary>
public sealed class DocumentedCommand(string name, HelpText help) : Command(name, help.Summary)
{
    /// <summary>What <c>--help</c> says.</summary>
    public HelpText Help => help;
}
