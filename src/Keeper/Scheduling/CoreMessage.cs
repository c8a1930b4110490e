namespace Pocketvisor.Keeper.Scheduling;

/// <summary>What one core asks of another.</summary>
public enum CoreRequest : byte
{
    /// <summary>Run this vCPU from now on.</summary>
    Attach,

    /// <summary>Never run it again, and say so (<see cref="Profiles.Profile.Detached"/>).</summary>
    Detach,
}

/// <summary>A request in a core's inbox.</summary>
public struct CoreMessage
{
    public CoreRequest Request;
    public Vcpu Vcpu;
}
