namespace Pocketvisor.Cli.Bench;

/// <summary>One quantity on every side.</summary>
/// <param name="Quantity">What was counted.</param>
/// <param name="Bare">Instructions without a hypervisor; null if there is no such thing.</param>
/// <param name="Profile">Instructions on Pocketvisor.</param>
/// <param name="Xen">Instructions on Xen; null if it wasn't or can't be measured.</param>
public sealed record ExitFigure(ExitQuantity Quantity, double? Bare, double? Profile, double? Xen)
{
    /// <summary>Whether the promise is kept; null if there is none, or no figure.</summary>
    public bool? Kept => Profile is { } profile && Quantity.Promise is { } promise ? profile < promise : null;

    /// <summary>Whether we are where we want to be.</summary>
    public bool? Reached => Profile is { } profile && Quantity.Wanted is { } wanted ? profile < wanted : null;
}
