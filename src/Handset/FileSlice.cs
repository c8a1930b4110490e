namespace Pocketvisor.Handsets;

/// <summary>A part of a file, such as a profile's disk on a flash.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Offset">Where the part begins, in bytes.</param>
/// <param name="Bytes">How long it is.</param>
public sealed record FileSlice(string Path, long Offset, long Bytes);
