namespace Pocketvisor.Abi;

/// <summary>A decoded device access, as it crosses from the hypervisor to the keeper in one register.</summary>
public readonly struct MmioAccess
{
    // [2] writes | [1:0] log2 of the size in bytes
    private readonly uint _bits;

    public MmioAccess(uint bits) => _bits = bits;

    /// <summary>The bits of an access.</summary>
    public static uint Pack(int log2Size, bool writes) => (uint)log2Size & 3 | (writes ? 4u : 0);

    /// <summary>1, 2, 4 or 8 bytes.</summary>
    public int Size => 1 << (int)(_bits & 3);

    public bool Writes => (_bits & 4) != 0;
}
