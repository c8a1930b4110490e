using System;
using System.Runtime.CompilerServices;
using Pocketvisor.Abi;
using Pocketvisor.DeviceTree;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Boot;

/// <summary>What the device tree says of the handset, as far as EL2 needs it. Written at boot, constant then.</summary>
internal static class Handset
{
    /// <summary>Affinity fields of MPIDR_EL1: Aff3 and Aff2 to Aff0.</summary>
    public const ulong AffinityMask = 0xFF_00FF_FFFF;

    public const ulong GicdSize = 0x1_0000;

    public static ulong Gicd, Gicr, GicrEnd;

    /// <summary>From the first byte of memory to behind the last.</summary>
    public static ulong MemoryStart, MemoryEnd;

    /// <summary>Memory that the hypervisor keeps for itself.</summary>
    public static ulong BytesKept;

    /// <summary>The ranges of memory.</summary>
    public static BankArray Banks;
    public static int BankCount;

    private const int MaxBanks = 8;

    internal struct Bank { public ulong Start, Size; }

    [InlineArray(MaxBanks)]
    internal struct BankArray { private Bank _first; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Discover(ref FdtReader tree)
    {
        ulong first = ulong.MaxValue, end = 0;
        while (tree.NextNode())
        {
            if (tree.Lists("device_type"u8, "memory"u8))
            {
                for (int i = 0; BankCount < MaxBanks && tree.Reg(i, out ulong start, out ulong size); i++)
                {
                    ref Bank bank = ref Banks[BankCount++];
                    bank.Start = start;
                    bank.Size = size;
                    first = Math.Min(first, start);
                    end = Math.Max(end, start + size);
                }
            }
            else if (tree.Lists("device_type"u8, "cpu"u8))
            {
                if (Cores.Count < VmControl.MaxVcpus && tree.Reg(0, out ulong mpidr, out _)) Cores.At(Cores.Count++).Mpidr = mpidr;
            }
            else if (tree.IsCompatible("arm,gic-v3"u8))
            {
                tree.Reg(0, out Gicd, out _);
                tree.Reg(1, out Gicr, out GicrEnd);
                GicrEnd += Gicr;
            }
            else if (tree.IsCompatible("arm,pl011"u8))
            {
                tree.Reg(0, out Console.Base, out _);
            }
        }
        MemoryStart = first;
        MemoryEnd = end;
        Program.Require(!tree.IsDamaged, "a device tree, or it is damaged"u8);
        Program.Require(end != 0, "memory in its device tree"u8);
        Program.Require(Cores.Count != 0, "cores in its device tree"u8);
        Program.Require(GicrEnd != 0, "a GICv3"u8);
    }
}
