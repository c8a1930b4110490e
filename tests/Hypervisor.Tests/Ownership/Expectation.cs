using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

internal enum Leaving : byte
{
    No,
    May,
    Must,
}

/// <summary>What a step may lead to, by the reference model. Status is in x0 of who called; null: not said.</summary>
internal readonly record struct Expectation(HvcStatus? Status)
{
    /// <summary>Some error, and nothing changes.</summary>
    public static Expectation Refused => new() { IsRefused = true };

    public static Expectation Leaves => new() { Leaving = Leaving.Must };

    public static Expectation MayLeave => new() { Leaving = Leaving.May };

    public bool IsRefused { get; init; }

    /// <summary>VmCreate's answer.</summary>
    public uint? Created { get; init; }

    /// <summary>PageState's answer.</summary>
    public ReferencePage? Page { get; init; }

    /// <summary>The core may go on with this vCPU.</summary>
    public (uint Vm, uint Vcpu)? Entry { get; init; }

    /// <summary>Whether the core goes back to its keeper.</summary>
    public Leaving Leaving { get; init; }

    public static implicit operator Expectation(HvcStatus status) => new(status);
}
