using System;
using System.Runtime;
using Pocketvisor.Abi;

namespace Pocketvisor.Guests;

/// <summary>
/// A driver that lies to its disk in every way it can think of. After each lie it resets the device and reads a sector: the disk must
/// still be the one it was. The first line says how many sectors it has, the last one that it came to the end.
/// </summary>
internal static class Program
{
    private const ulong Pattern = 0x5050_5050_0BAD_F00D;

    private static ulong s_lies, s_errors;

    [RuntimeExport("guest_main")]
    private static void Main(ulong tree)
    {
        var machine = new Machine(tree);
        ulong end = machine.MemoryStart + machine.MemorySize;
        Disk.Find(machine);
        if (!Disk.Start())
        {
            Console.Line("disk: NO DISK"u8);
            return;
        }
        ulong sectors = Disk.Sectors;
        Console.Line("disk: sectors"u8, sectors);
        Memory.Write64(Disk.Data, Pattern);
        Expect(Disk.Request(Disk.Out, 0, 512), 0, "an honest write"u8);

        // Beyond the disk: an error each, and the device goes on.
        Expect(Disk.Request(Disk.Out, sectors, 512), 1, "write behind the end"u8);
        Expect(Disk.Request(Disk.In, sectors, 512), 1, "read behind the end"u8);
        Expect(Disk.Request(Disk.Out, sectors - 1, 1024), 1, "write over the end"u8);
        Expect(Disk.Request(Disk.Out, ulong.MaxValue, 512), 1, "write at the last sector number"u8);
        Expect(Disk.Request(Disk.Out, ulong.MaxValue / 512, 1024), 1, "write where bytes overflow"u8);
        Expect(Disk.Request(77, 0, 512), 2, "an unknown request"u8);

        // Chains that are none.
        Disk.Descriptor(0, Disk.Header, 16, Disk.Next, 0);
        Lie(0, "a descriptor that follows itself"u8);
        Disk.Descriptor(0, Disk.Header, 16, Disk.Next, 1);
        Disk.Descriptor(1, Disk.Data, 512, Disk.Next, 0);
        Lie(0, "a loop of two"u8);
        Disk.Descriptor(0, Disk.Header, 16, Disk.Next, 999);
        Lie(0, "a descriptor that is none"u8);
        Lie(999, "a head that is none"u8);
        Disk.Descriptor(0, Disk.Status, 1, Disk.Write, 0);
        Lie(0, "no header"u8);
        Disk.Descriptor(0, Disk.Header, 16, 0, 0);
        Lie(0, "no status"u8);
        Disk.Descriptor(0, Disk.Descriptors, 16, Disk.Indirect, 0);
        Lie(0, "an indirect table that was not agreed on"u8);

        // Memory that is not ours.
        Data(end, 512, "data behind our memory"u8);
        Data(end - 256, 512, "data over the end of our memory"u8);
        Data(VirtualHandset.Ram - 512, 512, "data before our memory"u8);
        Data(0, 512, "data at zero"u8);
        Data(ulong.MaxValue - 511, 512, "data at the end of addresses"u8);
        Data(Disk.Data, uint.MaxValue, "data of 4 GB"u8);
        Data(Disk.Data, 513, "data of half a sector"u8);
        for (ulong neighbour = 0x4000_0000; neighbour < 0x1_0000_0000; neighbour += 0x0800_0000)
            if (neighbour >= end) Data(neighbour, 512, "a neighbour's memory"u8);

        // Rings that jump, and rings that lie elsewhere.
        Disk.Describe(Disk.In, 0, 512);
        Disk.Offer(0, 1000);
        Settle("an index that jumps"u8);
        Disk.Start(used: end);
        Disk.Offer(0);
        Settle("a used ring behind our memory"u8);
        Disk.Start(size: 3);
        Settle("a queue of three"u8);
        Disk.Start(size: 0);
        Settle("a queue of none"u8);

        // What changes while it is under way.
        for (uint i = 0; i < 200; i++)
        {
            Disk.Describe(Disk.In, 0, 4096);
            Disk.Offer(0);
            Memory.Write64(Disk.Header + 8, sectors + i);
            Memory.Write64(Disk.Header, Disk.Out);
            Disk.Descriptor(1, end, 0x7FFF_FFFF, Disk.Next | Disk.Write, 2);
            if (i % 2 == 0) Disk.Start(); // a reset with the request under way
            else if (!Disk.Wait()) Console.Line("disk: LOST"u8, i);
        }
        Settle("requests that change after the kick"u8);

        Console.Line("disk: lies"u8, s_lies);
        Console.Line("disk: mistakes of the device"u8, s_errors);
        Console.Line("disk: end"u8);
    }

    private static void Expect(byte status, byte wanted, ReadOnlySpan<byte> what)
    {
        s_lies++;
        if (status == wanted) return;
        s_errors++;
        Console.Print("guest: disk: STATUS of "u8);
        Console.Print(what);
        Console.Line(":"u8, status);
    }

    private static void Data(ulong address, uint length, ReadOnlySpan<byte> what)
    {
        Disk.Describe(Disk.In, 0, 512);
        Disk.Descriptor(1, address, length, Disk.Next | Disk.Write, 2);
        Lie(0, what);
    }

    private static void Lie(uint head, ReadOnlySpan<byte> what)
    {
        Disk.Offer(head);
        Settle(what);
    }

    // It may fail the request or want a reset; after one it must read what was written.
    private static void Settle(ReadOnlySpan<byte> what)
    {
        s_lies++;
        Disk.Wait(1000);
        Disk.Start();
        Memory.Write64(Disk.Data, 0);
        byte status = Disk.Request(Disk.In, 0, 512);
        if (status == 0 && Memory.Read64(Disk.Data) == Pattern) return;
        s_errors++;
        Console.Print("guest: disk: BROKEN after "u8);
        Console.Print(what);
        Console.Line(": status"u8, status);
    }

    [RuntimeExport("guest_secondary")]
    private static void Secondary(ulong index) => Cpu.SystemOff();
}
