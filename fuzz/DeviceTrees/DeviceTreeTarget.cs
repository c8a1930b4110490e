using System;
using System.Collections.Generic;
using Pocketvisor.Abi;
using Pocketvisor.DeviceTree;
using Pocketvisor.Keeper.Boot;
using Pocketvisor.Keeper.DeviceTrees;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.DeviceTrees;

/// <summary>Whatever lies where a device tree should: every walk ends inside the blob, and what the survey tells the hypervisor keeps to its counts.</summary>
public sealed class DeviceTreeTarget : IFuzzTarget
{
    public IEnumerable<byte[]> Seeds => [Guest(1, ""), Guest(8, "console=ttyAMA0"), Handset()];

    public void Run(ReadOnlySpan<byte> input)
    {
        Walk(input);
        if (input.Length >= 8) FdtReader.TotalSize(input);
        new Keeper.Boot.Handset().TryRead(input);
        Keeper.Boot.Handset.FindBootMedium(input);
        HandsetDescription description = default;
        ReadOnlySpan<byte> lacks = Survey.Describe<Registers>(input, ref description);
        Demand(description.RangeCount <= HandsetDescription.FirstBank + HandsetDescription.MaxBanks, "More ranges than there is room for.");
        Demand(description.CoreCount <= VmControl.MaxVcpus, "More cores than there is room for.");
        if (!lacks.IsEmpty) return;
        for (int i = 0; i < (int)description.RangeCount; i++) Demand(description.Ranges[i].Start < description.Ranges[i].End, "A range without an inside.");
        for (int i = 0; i < (int)description.CoreCount; i++)
        {
            AddressRange all = description.Ranges[HandsetDescription.Gicr];
            Demand(description.Cores[i].Redistributor - all.Start < all.End - all.Start, "A redistributor outside their range.");
        }
    }

    private static void Walk(ReadOnlySpan<byte> blob)
    {
        var tree = new FdtReader(blob);
        int nodes = 0, sum = 0;
        while (tree.NextNode())
        {
            Demand(++nodes <= blob.Length / 4, "More nodes than fit.");
            sum += tree.Name.Length + tree.Depth + tree.Property("reg"u8).Length + tree.Property("no-such"u8).Length;
            if (tree.IsCompatible("arm,pl011"u8)) sum++;
            for (int i = 0; i < 4; i++)
                if (tree.Reg(i, out ulong address, out ulong size)) sum += (int)(address + size);
        }

        _ = sum;
    }

    private static byte[] Guest(int cores, string commandLine)
    {
        byte[] blob = new byte[8192];
        GuestTree tree = new() { Memory = 1 << 30, Cores = cores, CommandLine = System.Text.Encoding.ASCII.GetBytes(commandLine), InitrdStart = 0x4800_0000, InitrdEnd = 0x4810_0000, RandomSeed = new byte[32] };
        Demand(tree.TryWrite(blob, new byte[1024], out int size), "The seed does not fit.");
        return blob[..size];
    }

    // Two banks, two clusters, an edge-triggered device.
    private static byte[] Handset()
    {
        byte[] blob = new byte[4096];
        FdtWriter tree = new(blob, new byte[512]);
        tree.BeginNode(""u8);
        tree.Cell32("#address-cells"u8, 2);
        tree.Cell32("#size-cells"u8, 2);
        tree.BeginNode("memory"u8, 0x4000_0000);
        tree.Text("device_type"u8, "memory"u8);
        tree.Reg(0x4000_0000, 0x4000_0000, 0x1_0000_0000, 0x8000_0000);
        tree.EndNode();
        tree.BeginNode("cpus"u8);
        tree.Cell32("#address-cells"u8, 2);
        tree.Cell32("#size-cells"u8, 0);
        for (ulong i = 0; i < 2; i++)
        {
            tree.BeginNode("cpu"u8, i << 8);
            tree.Text("device_type"u8, "cpu"u8);
            tree.Cell64("reg"u8, i << 8);
            tree.EndNode();
        }

        tree.EndNode();
        tree.BeginNode("intc"u8, 0x0800_0000);
        tree.Text("compatible"u8, "arm,gic-v3"u8);
        tree.Reg(0x0800_0000, 0x1_0000, 0x080A_0000, 0x8_0000);
        tree.EndNode();
        tree.BeginNode("virtio_mmio"u8, 0x0A00_0000);
        tree.Text("compatible"u8, "virtio,mmio"u8);
        tree.Reg(0x0A00_0000, 0x200);
        tree.Cells("interrupts"u8, [0, 16, 1]);
        tree.EndNode();
        tree.EndNode();
        Demand(tree.TryFinish(out int size), "The seed does not fit.");
        return blob[..size];
    }

    /// <summary>Redistributors of cores 0 and 0x100, one after the other.</summary>
    private struct Registers : IHandsetRegisters
    {
        public static uint Read32(ulong address) => (address & 0x1_FFFF) == 0xC ? (uint)(address >> 17 & 1) << 8 : 0;

        public static void Write32(ulong address, uint value)
        {
        }
    }
}
