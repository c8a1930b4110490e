namespace Pocketvisor.Cli.Hub;

/// <summary>What another command asks of the hub: one line of JSON on the control socket.</summary>
/// <param name="Verb">One of <see cref="ControlVerb"/>.</param>
/// <param name="Profile">The profile, where the verb needs one.</param>
/// <param name="Force">Don't ask the system in the profile, end it; of a push, replace what is there.</param>
/// <param name="Command">For <see cref="ControlVerb.Exec"/>: the command line.</param>
/// <param name="Seconds">How long to be patient; null for the default.</param>
/// <param name="Columns">For <see cref="ControlVerb.Resize"/>, as <paramref name="Rows"/>.</param>
/// <param name="Rows">Of the terminal.</param>
/// <param name="Folder">For <see cref="ControlVerb.Push"/> and <see cref="ControlVerb.Pull"/>: where on this machine from or to.</param>
/// <param name="Files">For <see cref="ControlVerb.Push"/>: the names of the files.</param>
public sealed record ControlRequest(
    ControlVerb Verb, string? Profile = null, bool Force = false, string? Command = null, int? Seconds = null, ushort Columns = 0, ushort Rows = 0,
    string? Folder = null, IReadOnlyList<string>? Files = null);
