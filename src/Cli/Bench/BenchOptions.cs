namespace Pocketvisor.Cli.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Cores">Cores of the handset, of its profile, and of the bare guest.</param>
/// <param name="Seconds">How long each program measures.</param>
/// <param name="Rounds">How often everything is measured on either side.</param>
public sealed record BenchOptions(int Cores, int Seconds, int Rounds);
