namespace Pocketvisor.Handsets;

/// <summary>A file of a profile on a handset's flash.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Present">Bytes of it that are there; less than its length only in an unfinished push.</param>
public sealed record StoredFile(string Name, long Length, long Present);
