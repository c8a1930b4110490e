using Pocketvisor.Abi;

namespace Pocketvisor.Guests;

/// <summary>
/// The driver of a virtio-blk device at its smallest (virtio 1.2, "Block Device"): one queue, polled. Everything is in memory that a guest
/// may also set by hand, to lie.
/// </summary>
internal static class Disk
{
    public const uint QueueSize = 16;

    private const ulong FirstDiskSlot = 3;

    // In the guest's memory, far behind its image.
    public const ulong Descriptors = VirtualHandset.Ram + 0x80_0000;
    public const ulong Available = Descriptors + 0x1000;
    public const ulong Used = Descriptors + 0x2000;
    public const ulong Header = Descriptors + 0x3000; // le32 type, le32 reserved, le64 sector
    public const ulong Status = Descriptors + 0x3800;
    public const ulong Data = Descriptors + 0x1_0000;

    public const uint In = 0, Out = 1, Flush = 4;
    public const ushort Next = 1, Write = 2, Indirect = 4;

    private const uint DeviceId = 0x08, DriverFeatures = 0x20, DriverFeaturesSelect = 0x24, QueueSelect = 0x30, QueueSizeRegister = 0x38, QueueReady = 0x44,
        QueueNotify = 0x50, InterruptStatus = 0x60, InterruptAcknowledge = 0x64, StatusRegister = 0x70, QueueDescriptors = 0x80, QueueDriver = 0x90, QueueDevice = 0xA0,
        Config = 0x100;

    private const uint BlockDevice = 2, FeatureFlush = 1 << 9;

    private static ulong s_base;
    private static ushort s_offered, s_taken;

    /// <summary>Says which virtio-mmio slot the disk is in: <c>slot=HEX</c> on the command line, for machines that are not the virtual handset.</summary>
    public static void Find(Machine machine)
    {
        ulong slot = machine.Number("slot="u8);
        s_base = VirtualHandset.VirtioMmio + (slot == 0 ? FirstDiskSlot : slot) * VirtualHandset.VirtioMmioStep;
    }

    /// <summary>Sectors of 512 bytes.</summary>
    public static ulong Sectors => Memory.Read32(s_base + Config) | (ulong)Memory.Read32(s_base + Config + 4) << 32;

    public static bool NeedsReset => (Memory.Read32(s_base + StatusRegister) & 64) != 0;

    /// <summary>Resets the device and starts it, its rings where they belong. False if there is no disk.</summary>
    public static bool Start(ulong used = Used, uint size = QueueSize)
    {
        if (Memory.Read32(s_base + DeviceId) != BlockDevice) return false;
        Memory.Write32(s_base + StatusRegister, 0);
        while (Memory.Read32(s_base + StatusRegister) != 0) { }
        for (ulong at = Descriptors; at < Header + 0x1000; at += 8) Memory.Write64(at, 0);
        s_offered = s_taken = 0;
        Memory.Write32(s_base + StatusRegister, 1);
        Memory.Write32(s_base + StatusRegister, 3);
        Memory.Write32(s_base + DriverFeaturesSelect, 0);
        Memory.Write32(s_base + DriverFeatures, FeatureFlush);
        Memory.Write32(s_base + DriverFeaturesSelect, 1);
        Memory.Write32(s_base + DriverFeatures, 1); // VIRTIO_F_VERSION_1
        Memory.Write32(s_base + StatusRegister, 11);
        Memory.Write32(s_base + QueueSelect, 0);
        Memory.Write32(s_base + QueueSizeRegister, size);
        Address(QueueDescriptors, Descriptors);
        Address(QueueDriver, Available);
        Address(QueueDevice, used);
        Memory.Write32(s_base + QueueReady, 1);
        Memory.Write32(s_base + StatusRegister, 15);
        return true;
    }

    public static void Descriptor(uint index, ulong address, uint length, ushort flags, ushort next)
    {
        ulong at = Descriptors + 16 * index;
        Memory.Write64(at, address);
        Memory.Write64(at + 8, length | (ulong)flags << 32 | (ulong)next << 48);
    }

    /// <summary>Puts chains into the ring and tells the device.</summary>
    public static void Offer(uint head, ushort count = 1)
    {
        for (ushort i = 0; i < count; i++) Half(Available + 4 + 2 * ((ulong)(ushort)(s_offered + i) % QueueSize), (ushort)head);
        s_offered += count;
        Half(Available + 2, s_offered);
        Memory.Write32(s_base + QueueNotify, 0);
    }

    /// <summary>Waits for a chain to come back. False if none does.</summary>
    public static bool Wait(uint patience = 200_000_000)
    {
        for (uint i = 0; i < patience; i++)
        {
            if ((ushort)(Memory.Read32(Used) >> 16) == s_taken) continue;
            s_taken++;
            Memory.Write32(s_base + InterruptAcknowledge, Memory.Read32(s_base + InterruptStatus));
            return true;
        }
        return false;
    }

    /// <summary>One request from the book. Its status byte, or 255 if nothing came back.</summary>
    public static byte Request(uint type, ulong sector, uint bytes)
    {
        Describe(type, sector, bytes);
        Offer(0);
        return Wait() ? Memory.Read8(Status) : (byte)255;
    }

    /// <summary>Header, data and status of a request, in descriptors 0 to 2.</summary>
    public static void Describe(uint type, ulong sector, uint bytes)
    {
        Memory.Write64(Header, type);
        Memory.Write64(Header + 8, sector);
        Memory.Write8(Status, 255);
        Descriptor(0, Header, 16, Next, bytes == 0 ? (ushort)2 : (ushort)1);
        Descriptor(1, Data, bytes, type == In ? (ushort)(Next | Write) : Next, 2);
        Descriptor(2, Status, 1, Write, 0);
    }

    private static void Address(uint register, ulong address)
    {
        Memory.Write32(s_base + register, (uint)address);
        Memory.Write32(s_base + register + 4, (uint)(address >> 32));
    }

    // The rings' 16-bit fields, by the 32 bits around them: nobody else writes to those.
    private static void Half(ulong address, ushort value)
    {
        ulong word = address & ~3UL;
        int shift = (int)(address & 2) * 8;
        Memory.Write32(word, Memory.Read32(word) & ~(0xFFFFu << shift) | (uint)value << shift);
    }
}
