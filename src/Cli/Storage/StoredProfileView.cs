namespace Pocketvisor.Cli.Storage;

/// <summary>A profile as <c>pocket profile list --json</c> shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Where">profiles or samples, on this PC; else the handset's name.</param>
/// <param name="State">off, running or incomplete on a handset; null on this PC.</param>
/// <param name="Bytes">Sum of its files' lengths.</param>
public sealed record StoredProfileView(string Name, string Where, string? State, long Bytes);
