namespace Pocketvisor.Cli;

/// <summary>Ends the command with a sentence for the user, which says what to do next, and an exit code.</summary>
public sealed class UserException(string message, int exitCode = ExitCodes.Failed) : Exception(message)
{
    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode => exitCode;
}
