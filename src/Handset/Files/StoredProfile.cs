namespace Pocketvisor.Handsets;

/// <summary>A profile on a handset's flash.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Sum of its files' lengths.</param>
/// <param name="IsRunning">It runs now, so its files are locked.</param>
/// <param name="IsUnfinished">What a push has left that was interrupted: to be continued by the next push, or removed.</param>
public sealed record StoredProfile(string Name, long Bytes, bool IsRunning, bool IsUnfinished);
