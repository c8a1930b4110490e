namespace Pocketvisor.Handsets;

/// <summary>What is on a handset's flash.</summary>
/// <param name="FreeBytes">Of the volume.</param>
/// <param name="TotalBytes">Of the volume.</param>
/// <param name="Profiles">In the order of their names.</param>
public sealed record StoreContents(long FreeBytes, long TotalBytes, IReadOnlyList<StoredProfile> Profiles);
