namespace Pocketvisor.Handsets;

/// <summary>What came of a command in a guest's shell.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed, without the last newline.</param>
public sealed record CommandResult(int ExitCode, string Output);
