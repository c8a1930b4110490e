using System.CommandLine;

namespace Pocketvisor.Cli.Commands;

/// <summary>Not yet.</summary>
public static class ProfileRemoveCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new("remove");
}
