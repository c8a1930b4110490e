using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pocketvisor.Abi;

/// <summary>Physical addresses from <see cref="Start"/> up to, not including, <see cref="End"/>.</summary>
public struct AddressRange
{
    public ulong Start, End;
}

/// <summary>A core of the handset.</summary>
public struct CoreDescription
{
    /// <summary>Affinity fields of its MPIDR_EL1, the others 0.</summary>
    public ulong Mpidr;

    /// <summary>Address of its redistributor's first frame.</summary>
    public ulong Redistributor;
}

[InlineArray(HandsetDescription.FirstBank + HandsetDescription.MaxBanks)]
public struct RangeArray { private AddressRange _first; }

[InlineArray(VmControl.MaxVcpus)]
public struct CoreDescriptions { private CoreDescription _first; }

/// <summary>
/// What a handset has, as far as the hypervisor needs it. The keeper fills it from the device tree, and <see cref="HvcFunction.Establish"/> takes it. Ranges are
/// whole pages (4 kB) below 256 GB, none overlaps another:
/// <code>
///   Ranges  0 GIC distributor │ 1 redistributors │ 2 UART │ 3 … the banks of memory
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct HandsetDescription
{
    public const int Gicd = 0, Gicr = 1, Uart = 2, FirstBank = 3, MaxBanks = 8;

    /// <summary>Size of <see cref="HandsetDescription"/> in words of 8 bytes.</summary>
    public const int Words = 2 + 2 * (FirstBank + MaxBanks) + 2 * VmControl.MaxVcpus + 1;

    /// <summary>Used elements of <see cref="Ranges"/> and <see cref="Cores"/>; the rest is not looked at.</summary>
    public ulong RangeCount, CoreCount;

    public RangeArray Ranges;
    public CoreDescriptions Cores;

    /// <summary>From this value of the counter on, a panic restarts the handset; one that comes sooner would come again and again, and turns it off.</summary>
    public ulong RestartableAt;
}
