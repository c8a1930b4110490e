using System.Runtime.CompilerServices;
using Pocketvisor.Abi;

namespace Pocketvisor.Hypervisor.Boot;

/// <summary>What the keeper has said of the handset (Establishment), in EL2's own copy. Constant then.</summary>
internal static class Handset
{
    /// <summary>Affinity fields of MPIDR_EL1: Aff3 and Aff2 to Aff0.</summary>
    public const ulong AffinityMask = 0xFF_00FF_FFFF;

    public static HandsetDescription Description;

    /// <summary>Memory that the hypervisor keeps for itself.</summary>
    public static ulong BytesKept;

    public static ulong Gicd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Description.Ranges[HandsetDescription.Gicd].Start;
    }
}
