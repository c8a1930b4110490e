namespace Pocketvisor.Abi;

/// <summary>What VcpuGet can read: 0 to 30 are x0 to x30.</summary>
public enum VcpuRegister : uint
{
    X0 = 0,
    X30 = 30,
    Pc = 31,
    Pstate = 32,

    /// <summary>Times that the guest trapped into the hypervisor.</summary>
    Exits = 33,

    SpEl0 = 34,
    SpEl1 = 35,
    ElrEl1 = 36,
    SpsrEl1 = 37,
    EsrEl1 = 38,
    FarEl1 = 39,
    SctlrEl1 = 40,
    VbarEl1 = 41,
    Ttbr0El1 = 42,
    Ttbr1El1 = 43,
    CntvCvalEl0 = 58,
    CntvCtlEl0 = 59,

    /// <summary>It can read the words up to here, those without a name too.</summary>
    Count = 60,
}
