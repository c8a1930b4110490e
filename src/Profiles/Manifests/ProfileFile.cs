namespace Pocketvisor.Profiles;

/// <summary>A file that a manifest names.</summary>
/// <param name="Field">The manifest's field.</param>
/// <param name="Name">Its name in the profile's folder.</param>
/// <param name="Path">Where it is on the PC.</param>
public sealed record ProfileFile(string Field, string Name, string Path);
