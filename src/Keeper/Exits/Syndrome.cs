namespace Pocketvisor.Keeper.Exits;

/// <summary>Which instruction a guest trapped for. Arm ARM (DDI 0487), "ESR_EL2".</summary>
public readonly struct Syndrome(ulong bits)
{
    private const uint Hvc = 0x16, Smc = 0x17, TrappedSystemRegister = 0x18;

    private readonly uint _bits = (uint)bits;

    public bool IsCall => Class is Hvc or Smc;

    /// <summary>A trapped MRS or MSR: the rest describes it.</summary>
    public bool IsSystemRegister => Class == TrappedSystemRegister;

    public bool Reads => (_bits & 1) != 0;
    public int Register => (int)(_bits >> 5) & 31; // Rt

    public int Op0 => (int)(_bits >> 20) & 3;
    public int Op1 => (int)(_bits >> 14) & 7;
    public int CRn => (int)(_bits >> 10) & 15;
    public int CRm => (int)(_bits >> 1) & 15;
    public int Op2 => (int)(_bits >> 17) & 7;

    private uint Class => _bits >> 26; // EC [31:26]
}
