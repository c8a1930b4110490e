using Pocketvisor.Profiles;

namespace Pocketvisor.Cli.Storage;

/// <summary>What the user wants of a new profile; null means: as it comes.</summary>
/// <param name="Cores">Virtual cores.</param>
/// <param name="Memory">Its own memory.</param>
/// <param name="Disk">Size of its first writable disk.</param>
/// <param name="Network">Where its frames go.</param>
public sealed record ProfileOptions(int? Cores = null, MemorySize? Memory = null, StorageSize? Disk = null, Network? Network = null);
