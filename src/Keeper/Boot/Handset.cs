using System;
using Pocketvisor.Abi;
using Pocketvisor.DeviceTree;

namespace Pocketvisor.Keeper.Boot;

/// <summary>What the handset's device tree says that it has.</summary>
public sealed class Handset
{
    private const int MaxBanks = 8, MaxVirtio = 64, MaxBoardName = 64;

    /// <summary>What the tree calls the board: the first string of the root's <c>compatible</c>, not checked.</summary>
    public byte[] Board { get; private set; } = [];

    public readonly MemoryRange[] Memory = new MemoryRange[MaxBanks];
    public int MemoryCount { get; private set; }

    /// <summary>Affinity of each core, in the tree's order: its MPIDR's, or what a hypervisor makes of it.</summary>
    public readonly ulong[] Cores = new ulong[VmControl.MaxVcpus];
    public int CoreCount { get; private set; }

    /// <summary>The virtio-mmio slots, with or without a device behind.</summary>
    public readonly DeviceSlot[] Virtio = new DeviceSlot[MaxVirtio];
    public int VirtioCount { get; private set; }

    /// <summary>PL011; its address is 0 if there is none. The same for the clock, a PL031.</summary>
    public DeviceSlot Uart, Clock;

    /// <summary>The boot medium; empty if there is none.</summary>
    public MemoryRange BootMedium;

    /// <summary>Unpredictable bytes that the boot loader left.</summary>
    public readonly byte[] Seed = new byte[64];
    public int SeedLength { get; private set; }

    /// <summary>Bytes of all memory banks.</summary>
    public ulong MemoryBytes
    {
        get
        {
            ulong sum = 0;
            for (int i = 0; i < MemoryCount; i++) sum += Memory[i].Size;
            return sum;
        }
    }

    /// <summary>Under a hypervisor the affinity of a core is its place in the tree (HvcFunction.Establish), whatever clusters there are.</summary>
    public void NumberCores()
    {
        for (int i = 0; i < CoreCount; i++) Cores[i] = (ulong)i;
    }

    /// <summary>It is not there.</summary>
    public void DropLastCore() => CoreCount--;

    /// <summary>Makes the core that runs this the first one.</summary>
    public void PutFirst(ulong mpidr)
    {
        for (int i = 0; i < CoreCount; i++)
        {
            if (Cores[i] != mpidr) continue;
            Cores[i] = Cores[0];
            Cores[0] = mpidr;
            return;
        }
    }

    /// <summary>Reads the tree. False if it is damaged or says nothing of memory or cores.</summary>
    public bool TryRead(ReadOnlySpan<byte> blob)
    {
        var tree = new FdtReader(blob);
        while (tree.NextNode())
        {
            if (tree.Depth == 0) Board = FirstString(tree.Property("compatible"u8));
            else if (tree.Lists("device_type"u8, "memory"u8)) AddMemory(ref tree);
            else if (tree.Lists("device_type"u8, "cpu"u8)) AddCore(ref tree);
            else if (tree.IsCompatible("virtio,mmio"u8)) AddVirtio(ref tree);
            else if (Uart.Address == 0 && tree.IsCompatible("arm,pl011"u8)) Uart = Slot(ref tree);
            else if (Clock.Address == 0 && tree.IsCompatible("arm,pl031"u8)) Clock = Slot(ref tree);
            else if (tree.Depth == 1 && Bytes.Equal(tree.Name, "chosen"u8)) ReadChosen(ref tree);
        }
        return !tree.IsDamaged && MemoryCount > 0 && CoreCount > 0;
    }

    private static byte[] FirstString(ReadOnlySpan<byte> list)
    {
        int length = 0;
        while (length < list.Length && length < MaxBoardName && list[length] != 0) length++;
        var text = new byte[length];
        list.Slice(0, length).CopyTo(text);
        return text;
    }

    private void AddMemory(ref FdtReader tree)
    {
        for (int i = 0; MemoryCount < MaxBanks && tree.Reg(i, out ulong address, out ulong size); i++)
            if (size != 0) Memory[MemoryCount++] = new MemoryRange(address, size);
    }

    private void AddCore(ref FdtReader tree)
    {
        if (CoreCount < Cores.Length && tree.Reg(0, out ulong affinity, out _)) Cores[CoreCount++] = affinity;
    }

    private void AddVirtio(ref FdtReader tree)
    {
        DeviceSlot slot = Slot(ref tree);
        if (slot.Address != 0 && VirtioCount < MaxVirtio) Virtio[VirtioCount++] = slot;
    }

    private static DeviceSlot Slot(ref FdtReader tree)
    {
        DeviceSlot slot = default;
        if (!tree.Reg(0, out slot.Address, out slot.Size)) return default;
        // GICv3 binding: { 0 shared or 1 private, number, flags }
        ReadOnlySpan<byte> interrupts = tree.Property("interrupts"u8);
        int at = 0;
        if (FdtReader.Cells(interrupts, ref at, 1, out ulong kind) && FdtReader.Cells(interrupts, ref at, 1, out ulong number) && kind == 0)
            slot.Interrupt = (uint)number + VirtualHandset.FirstSpi;
        slot.IsEdge = FdtReader.Cells(interrupts, ref at, 1, out ulong flags) && (flags & 3) != 0;
        return slot;
    }

    /// <summary>Where the boot medium lies; empty if there is none.</summary>
    public static MemoryRange FindBootMedium(ReadOnlySpan<byte> blob)
    {
        var tree = new FdtReader(blob);
        while (tree.NextNode())
            if (tree.Depth == 1 && Bytes.Equal(tree.Name, "chosen"u8)) return Medium(ref tree);
        return default;
    }

    private void ReadChosen(ref FdtReader tree)
    {
        BootMedium = Medium(ref tree);
        ReadOnlySpan<byte> seed = tree.Property("rng-seed"u8);
        SeedLength = Math.Min(seed.Length, Seed.Length);
        seed.Slice(0, SeedLength).CopyTo(Seed);
    }

    private static MemoryRange Medium(ref FdtReader tree)
    {
        ReadOnlySpan<byte> start = tree.Property("linux,initrd-start"u8), end = tree.Property("linux,initrd-end"u8);
        int at = 0;
        if (!FdtReader.Cells(start, ref at, start.Length / 4, out ulong first)) first = 0;
        at = 0;
        if (!FdtReader.Cells(end, ref at, end.Length / 4, out ulong after)) after = 0;
        return after > first ? new MemoryRange(first, after - first) : default;
    }
}
