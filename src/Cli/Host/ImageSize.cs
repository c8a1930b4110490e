namespace Pocketvisor.Cli.Host;

/// <summary>How big a result of the build is.</summary>
/// <param name="File">Its path in the tree.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Promise">The size that it stays under, or null if none is promised.</param>
public sealed record ImageSize(string File, long Bytes, int? Promise);
