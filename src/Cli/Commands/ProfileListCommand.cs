using System.CommandLine;

namespace Pocketvisor.Cli.Commands;

/// <summary>Not yet.</summary>
public static class ProfileListCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new("list");
}
