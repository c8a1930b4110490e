namespace Pocketvisor.Handsets;

/// <summary>Every profile at one moment.</summary>
/// <param name="Now">The handset's time since power-on.</param>
/// <param name="Profiles">In the order in which they start.</param>
public sealed record ProfileList(TimeSpan Now, IReadOnlyList<ProfileStatus> Profiles);
