using System;
using Pocketvisor.Abi;
using Pocketvisor.DeviceTree;

namespace Pocketvisor.Keeper.Boot;

/// <summary>
/// Makes of the device tree what the hypervisor needs to know of the handset, or a sentence about what that lacks. Runs before there is a heap.
/// </summary>
public static class Survey
{
    private const ulong PageMask = 0xFFF, Limit = 0x40_0000_0000;
    private const ulong GicdSize = 0x1_0000, RedistributorSize = 0x2_0000, DefaultUart = VirtualHandset.Pl011;
    private const ulong AffinityMask = 0xFF_00FF_FFFF;

    /// <summary>GICR_TYPER (IHI 0069): [63:32] the affinity of the redistributor's core.</summary>
    private const ulong RedistributorAffinity = 0xC;

    // The same: the low word, [4] no frame follows in the range.
    private const ulong RedistributorType = 8;
    private const uint Last = 1 << 4;

    /// <summary>Cores of the tree that have none follow those that do, beyond CoreCount, with this for their redistributor.</summary>
    public const ulong NoRedistributor = ulong.MaxValue;

    /// <summary>Fills the description.</summary>
    /// <returns>What the handset lacks; empty if nothing.</returns>
    public static ReadOnlySpan<byte> Describe<TRegisters>(ReadOnlySpan<byte> blob, ref HandsetDescription handset)
        where TRegisters : struct, IHandsetRegisters
    {
        handset = default;
        handset.Ranges[HandsetDescription.Uart] = Pages(DefaultUart, 1);
        handset.RangeCount = HandsetDescription.FirstBank;
        bool hasUart = false, hasGic = false;
        var tree = new FdtReader(blob);
        while (tree.NextNode())
        {
            if (tree.Lists("device_type"u8, "memory"u8))
            {
                AddBanks(ref tree, ref handset);
            }
            else if (tree.Lists("device_type"u8, "cpu"u8))
            {
                if (handset.CoreCount < VmControl.MaxVcpus && tree.Reg(0, out ulong mpidr, out _)) handset.Cores[(int)handset.CoreCount++].Mpidr = mpidr & AffinityMask;
            }
            else if (!hasGic && tree.IsCompatible("arm,gic-v3"u8))
            {
                hasGic = tree.Reg(0, out ulong gicd, out _) & tree.Reg(1, out ulong gicr, out ulong size);
                handset.Ranges[HandsetDescription.Gicd] = Pages(gicd, GicdSize);
                handset.Ranges[HandsetDescription.Gicr] = Pages(gicr, size);
            }
            else if (!hasUart && tree.IsCompatible("arm,pl011"u8))
            {
                hasUart = tree.Reg(0, out ulong uart, out _);
                if (hasUart) handset.Ranges[HandsetDescription.Uart] = Pages(uart, 1);
            }
        }
        if (tree.IsDamaged) return "a device tree, or it is damaged"u8;
        if (handset.RangeCount == HandsetDescription.FirstBank) return "memory in its device tree"u8;
        if (handset.CoreCount == 0) return "cores in its device tree"u8;
        if (!hasGic) return "a GICv3"u8;
        for (int i = 0; i < (int)handset.RangeCount; i++)
            if (handset.Ranges[i].End > Limit || handset.Ranges[i].Start >= handset.Ranges[i].End) return "devices and memory below 256 GB"u8;
        FindRedistributors<TRegisters>(ref handset);
        return handset.CoreCount == 0 ? "redistributors for its cores"u8 : default;
    }

    /// <summary>
    /// Shared interrupts are off, inactive, in group 1, of one priority, and the distributor on, with affinity routing (IHI 0069, "GICD_CTLR"). This is the last time that the keeper sees the real one.
    /// </summary>
    public static void InitialiseDistributor<TRegisters>(in HandsetDescription handset)
        where TRegisters : struct, IHandsetRegisters
    {
        const ulong control = 0, type = 4, groups = 0x80, clearEnable = 0x180, clearActive = 0x380, priorities = 0x400;
        const uint pending = 1u << 31, affinityRouting = 1 << 4, group1 = 1 << 1, group0 = 1 << 0;
        ulong d = handset.Ranges[HandsetDescription.Gicd].Start;
        TRegisters.Write32(d + control, 0);
        while ((TRegisters.Read32(d + control) & pending) != 0) { }
        ulong words = TRegisters.Read32(d + type) & 31;
        for (ulong word = 1; word <= words; word++)
        {
            TRegisters.Write32(d + clearEnable + 4 * word, uint.MaxValue);
            TRegisters.Write32(d + clearActive + 4 * word, uint.MaxValue);
            TRegisters.Write32(d + groups + 4 * word, uint.MaxValue);
            for (ulong i = 0; i < 8; i++) TRegisters.Write32(d + priorities + 32 * word + 4 * i, 0xA0A0_A0A0);
        }
        TRegisters.Write32(d + control, affinityRouting | group1 | group0);
        while ((TRegisters.Read32(d + control) & pending) != 0) { }
    }

    /// <summary>What it lacks if the hypervisor refuses it all the same.</summary>
    public static ReadOnlySpan<byte> Sentence(HvcStatus refusal) => refusal switch
    {
        HvcStatus.NoMemory => "an owner table that fits into 4 MB"u8,
        HvcStatus.Denied => "four list registers in the GIC"u8,
        _ => "a device tree that is free of contradictions"u8,
    };

    // Only whole pages of memory.
    private static void AddBanks(ref FdtReader tree, ref HandsetDescription handset)
    {
        for (int i = 0; handset.RangeCount < HandsetDescription.FirstBank + HandsetDescription.MaxBanks && tree.Reg(i, out ulong start, out ulong size); i++)
        {
            AddressRange bank = new() { Start = (start + PageMask) & ~PageMask, End = (start + size) & ~PageMask };
            if (size > PageMask && bank.Start != bank.End) handset.Ranges[(int)handset.RangeCount++] = bank;
        }
    }

    private static AddressRange Pages(ulong address, ulong size) => new() { Start = address & ~PageMask, End = (address + size + PageMask) & ~PageMask };

    // A core without one is not there, whatever the tree says: it goes to the end, and is not counted.
    private static void FindRedistributors<TRegisters>(ref HandsetDescription handset)
        where TRegisters : struct, IHandsetRegisters
    {
        for (int i = 0; i < (int)handset.CoreCount;)
        {
            CoreDescription core = handset.Cores[i];
            core.Redistributor = Find<TRegisters>(handset.Ranges[HandsetDescription.Gicr], core.Mpidr & 0xFF_FFFF | (core.Mpidr >> 32 & 0xFF) << 24);
            if (core.Redistributor != NoRedistributor)
            {
                handset.Cores[i++] = core;
                continue;
            }
            handset.CoreCount--;
            for (int j = i; j < (int)handset.CoreCount; j++) handset.Cores[j] = handset.Cores[j + 1];
            handset.Cores[(int)handset.CoreCount] = core;
        }
    }

    private static ulong Find<TRegisters>(AddressRange all, ulong affinity)
        where TRegisters : struct, IHandsetRegisters
    {
        for (ulong frame = all.Start; all.End - frame >= RedistributorSize; frame += RedistributorSize)
        {
            if (TRegisters.Read32(frame + RedistributorAffinity) == affinity) return frame;
            if ((TRegisters.Read32(frame + RedistributorType) & Last) != 0) break; // what is behind, nobody answers for
        }
        return NoRedistributor;
    }
}
