using System;
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

    /// <summary>The first and the last byte of memory, and how much there is between.</summary>
    public static ulong MemoryStart, MemoryEnd, MemoryBytes;

    /// <summary>Memory that the hypervisor keeps for itself.</summary>
    public static ulong BytesKept;

    /// <summary>Reads the tree. On failure names what is missing.</summary>
    public static bool TryDiscover(ReadOnlySpan<byte> blob, out ReadOnlySpan<byte> missing)
    {
        MemoryStart = ulong.MaxValue;
        bool hasConsole = false;
        var tree = new FdtReader(blob);
        while (tree.NextNode())
        {
            if (tree.Lists("device_type"u8, "memory"u8))
            {
                for (int i = 0; tree.Reg(i, out ulong start, out ulong size); i++)
                {
                    MemoryStart = Math.Min(MemoryStart, start);
                    MemoryEnd = Math.Max(MemoryEnd, start + size);
                    MemoryBytes += size;
                }
            }
            else if (tree.Lists("device_type"u8, "cpu"u8))
            {
                if (Cores.Count < VmControl.MaxVcpus && tree.Reg(0, out ulong mpidr, out _)) Cores.At(Cores.Count++).Mpidr = mpidr;
            }
            else if (tree.IsCompatible("arm,gic-v3"u8) && tree.Reg(0, out Gicd, out _) && tree.Reg(1, out Gicr, out ulong size))
            {
                GicrEnd = Gicr + size;
            }
            else if (!hasConsole && tree.IsCompatible("arm,pl011"u8))
            {
                hasConsole = tree.Reg(0, out Console.Base, out _);
            }
        }
        missing = tree.IsDamaged ? "an undamaged device tree"u8
            : MemoryBytes == 0 ? "memory in the device tree"u8
            : Cores.Count == 0 ? "cores in the device tree"u8
            : GicrEnd == 0 ? "a GICv3"u8
            : default;
        return missing.IsEmpty;
    }

    /// <summary>Gives the keeper all memory in the tree; what EL2 keeps is taken out afterwards.</summary>
    public static void AssignMemory(ReadOnlySpan<byte> blob)
    {
        var tree = new FdtReader(blob);
        while (tree.NextNode())
            if (tree.Lists("device_type"u8, "memory"u8))
                for (int i = 0; tree.Reg(i, out ulong start, out ulong size); i++)
                    Memory.OwnerTable.Assign(start, size, PageState.Keeper);
    }
}
