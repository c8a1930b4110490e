namespace Pocketvisor.Cli.Bench;

/// <summary>One kind of work, or all.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Bare">Nanoseconds of the bare guest's clock, each of which is half an instruction.</param>
/// <param name="Profile">Those of the profile.</param>
/// <param name="Xen">Those under Xen; null if it was left out.</param>
public sealed record TaxRow(string Name, double Bare, double Profile, double? Xen)
{
    /// <summary>How much longer it took as a profile: 0.02 for two percent.</summary>
    public double Tax => Profile / Bare - 1;

    /// <summary>The same for Xen.</summary>
    public double? XenTax => Xen / Bare - 1;
}
