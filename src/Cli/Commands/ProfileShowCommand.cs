using System.CommandLine;

namespace Pocketvisor.Cli.Commands;

/// <summary>Not yet.</summary>
public static class ProfileShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create() => new("show");
}
