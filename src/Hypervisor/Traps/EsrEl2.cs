using System.Runtime.CompilerServices;
namespace Pocketvisor.Hypervisor.Traps;

internal enum ExceptionClass : uint
{
    WaitForInterrupt = 0x01,
    VectorAccess = 0x07,
    Hvc64 = 0x16,
    Smc64 = 0x17,
    SystemRegister = 0x18,
    InstructionAbort = 0x20,
    DataAbort = 0x24,
    SystemError = 0x2F,
}

/// <summary>Why a guest trapped. Arm ARM (DDI 0487), "ESR_EL2".</summary>
internal readonly struct EsrEl2
{
    public readonly uint Bits;

    public EsrEl2(ulong bits) => Bits = (uint)bits;

    public ExceptionClass Class => (ExceptionClass)(Bits >> 26);       // EC [31:26]
    public uint InstructionLength => 2 + (Bits >> 25 & 1) * 2;         // IL [25]

    // ISS of an abort.
    public bool IsDecoded => (Bits >> 24 & 1) != 0;                    // ISV: the fields below hold
    public int Log2Size => (int)(Bits >> 22) & 3;                      // SAS
    public bool SignExtends => (Bits >> 21 & 1) != 0;                  // SSE
    public int Register => (int)(Bits >> 16) & 31;                     // SRT
    public bool Is64Bit => (Bits >> 15 & 1) != 0;                      // SF
    public bool IsCacheMaintenance => (Bits >> 8 & 1) != 0;            // CM
    public bool Writes => (Bits >> 6 & 1) != 0;                        // WnR
    public bool IsTranslationFault => (Bits & 0x3C) == 0x04;           // DFSC, IFSC
    public bool IsPermissionFault => (Bits & 0xBC) == 0x0C;            // the same; but S1PTW [7] not: of a table walk HPFAR_EL2 tells

    // ISS of a trapped MRS or MSR.
    public uint SystemRegister => Bits & 0x01FF_FC1E;                  // all but Rt and direction
    public int SystemRegisterRt => (int)(Bits >> 5) & 31;
    public bool ReadsSystemRegister => (Bits & 1) != 0;

    /// <summary>What a load of this value leaves in its register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Extend(ulong value)
    {
        int unused = 64 - (8 << Log2Size);
        value <<= unused;
        value = SignExtends ? (ulong)((long)value >> unused) : value >> unused;
        return Is64Bit ? value : (uint)value;
    }
}
