namespace Pocketvisor.Profiles;

/// <summary>A disk of a profile.</summary>
/// <param name="File">Name of its image in the profile's folder.</param>
/// <param name="ReadOnly">Whether the profile may only read it.</param>
public sealed record ProfileDisk(string File, bool ReadOnly);
