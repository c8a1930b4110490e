namespace Pocketvisor.Cli.Bench;

/// <summary>A part of a start, in instructions.</summary>
/// <param name="Name">From where to where.</param>
/// <param name="Bare">Without a hypervisor; null if there is no such thing.</param>
/// <param name="Profile">On Pocketvisor.</param>
/// <param name="Xen">On Xen; null if there is no such thing, or it was left out.</param>
/// <param name="Promise">Fewer than these are promised; null for no promise.</param>
/// <param name="Wanted">Fewer than these are wanted.</param>
public sealed record BootRow(string Name, double? Bare, double Profile, double? Xen, double? Promise = null, double? Wanted = null)
{
    /// <summary>Whether the promise is kept; null if there is none.</summary>
    public bool? Kept => Promise is { } promise ? Profile < promise : null;

    /// <summary>Whether we are where we want to be.</summary>
    public bool? Reached => Wanted is { } wanted ? Profile < wanted : null;
}
