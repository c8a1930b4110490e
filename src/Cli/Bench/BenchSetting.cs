using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Screen;

namespace Pocketvisor.Cli.Bench;

/// <summary>What every benchmark needs.</summary>
/// <param name="Repository">Where things are.</param>
/// <param name="Steps">Where it says what it is at.</param>
/// <param name="Xen">The peer that runs the same guests; null to leave it out.</param>
/// <param name="Options">How much the timed ones measure.</param>
public sealed record BenchSetting(Repository Repository, Steps Steps, XenPeer? Xen, BenchOptions Options);
