namespace Pocketvisor.Abi;

/// <summary>What VcpuGet reads and, up to Ttbr1El1, VcpuSet writes: 0 to 30 are x0 to x30.</summary>
public enum VcpuRegister : uint
{
    X0 = 0,
    X30 = 30,

    /// <summary>Reads as zero, swallows what is written, like register 31 in most instructions.</summary>
    Xzr = 31,
    Pc = 32,
    Pstate = 33,

    /// <summary>Times that the guest trapped into the hypervisor.</summary>
    Exits = 34,

    SpEl0 = 35,
    SpEl1 = 36,
    ElrEl1 = 37,
    SpsrEl1 = 38,
    EsrEl1 = 39,
    FarEl1 = 40,
    SctlrEl1 = 41,
    VbarEl1 = 42,
    Ttbr0El1 = 43,
    Ttbr1El1 = 44,
    CntvCvalEl0 = 59,
    CntvCtlEl0 = 60,

    /// <summary>[7:0] 0: it is off. Read only, as all between.</summary>
    State = 74,

    Count = 75,
}
