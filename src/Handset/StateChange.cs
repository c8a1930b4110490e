using Pocketvisor.Link;

namespace Pocketvisor.Handsets;

/// <summary>A profile came into a state.</summary>
/// <param name="Profile">Its number.</param>
/// <param name="State">The state.</param>
/// <param name="Reason">Why, in the keeper's words.</param>
public sealed record StateChange(int Profile, LinkProfileState State, string Reason);
