using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Hub;

/// <summary>The hub's answer: one line of JSON.</summary>
/// <param name="Error">A sentence for the user, or null if it was done.</param>
/// <param name="Message">What to tell the user.</param>
/// <param name="Handset">For <see cref="ControlVerb.List"/>.</param>
/// <param name="Profiles">For <see cref="ControlVerb.List"/>.</param>
/// <param name="Owners">For <see cref="ControlVerb.Owners"/>.</param>
/// <param name="ExitCode">For <see cref="ControlVerb.Exec"/>: the command's.</param>
/// <param name="Progress">How far a transfer is; another reply follows.</param>
/// <param name="Store">For <see cref="ControlVerb.Store"/>.</param>
/// <param name="Files">For <see cref="ControlVerb.Files"/>.</param>
public sealed record ControlReply(
    string? Error = null, string? Message = null, HandsetView? Handset = null, IReadOnlyList<ProfileView>? Profiles = null,
    OwnerTable? Owners = null, int? ExitCode = null, TransferProgress? Progress = null, StoreContents? Store = null, IReadOnlyList<StoredFile>? Files = null);
