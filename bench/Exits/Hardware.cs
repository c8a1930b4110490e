using System;
using Pocketvisor.DeviceTree;
using Pocketvisor.Guests;

namespace Pocketvisor.Bench.Exits;

/// <summary>What the device tree says of the devices that are measured. An address is 0 where there is no such device.</summary>
internal ref struct Hardware
{
    private const int PrivateInterrupts = 16;

    /// <summary>The serial port. Xen's is what SBSA leaves of a PL011, which has the registers that we use.</summary>
    public ulong Uart;

    /// <summary>PL031.</summary>
    public ulong Clock;

    /// <summary>The first virtio-mmio slot, with or without a device behind.</summary>
    public ulong Virtio;

    public ulong Distributor, Redistributors;

    /// <summary>INTID of the virtual timer; 0 if the tree names none.</summary>
    public uint Timer;

    public Hardware(ulong tree)
    {
        this = default;
        var reader = new FdtReader(Memory.Bytes(tree, (int)FdtReader.TotalSize(Memory.Bytes(tree, 8))));
        while (reader.NextNode())
        {
            if (reader.IsCompatible("arm,pl011"u8) || reader.IsCompatible("arm,sbsa-uart"u8)) Keep(ref reader, ref Uart);
            else if (reader.IsCompatible("arm,pl031"u8)) Keep(ref reader, ref Clock);
            else if (reader.IsCompatible("virtio,mmio"u8)) KeepLowest(ref reader, ref Virtio);
            else if (reader.IsCompatible("arm,gic-v3"u8))
            {
                reader.Reg(0, out Distributor, out _);
                reader.Reg(1, out Redistributors, out _);
            }
            else if (reader.IsCompatible("arm,armv8-timer"u8))
            {
                // GICv3 and timer bindings: three cells each; secure, non-secure, virtual.
                int at = 2 * 3 * 4 + 4;
                if (FdtReader.Cells(reader.Property("interrupts"u8), ref at, 1, out ulong number)) Timer = PrivateInterrupts + (uint)number;
            }
        }
    }

    private static void Keep(ref FdtReader reader, ref ulong address)
    {
        if (address == 0) reader.Reg(0, out address, out _);
    }

    // Every hypervisor's first slot, whatever the order of the tree.
    private static void KeepLowest(ref FdtReader reader, ref ulong address)
    {
        if (reader.Reg(0, out ulong found, out _) && (address == 0 || found < address)) address = found;
    }
}
