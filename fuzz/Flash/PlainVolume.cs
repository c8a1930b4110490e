using System;
using System.Buffers.Binary;
using Pocketvisor.Flash.Tests;

namespace Pocketvisor.Fuzz.Flash;

/// <summary>
/// Makes the smallest exFAT volume, always the same bytes (mkfs.exfat's carry the time of their making). From Microsoft's specification; it shares no code with what reads it.
/// <code>
///   sectors of 512 bytes   0 boot region │ 12 its backup │ 24 FAT │ 64 clusters of one sector: 2 bitmap │ 3 up-case table │ 4 root folder
/// </code>
/// </summary>
internal static class PlainVolume
{
    public const int Sectors = 2048, FatStart = 24, HeapStart = 64, Bitmap = 2, Upcase = 3, Root = 4;

    private const int Clusters = Sectors - HeapStart, BootSectors = 12;

    public static FakeDevice Make()
    {
        FakeDevice device = new(Sectors);
        byte[] boot = new byte[512];
        ((ReadOnlySpan<byte>)[0xEB, 0x76, 0x90, .. "EXFAT   "u8]).CopyTo(boot);
        BinaryPrimitives.WriteUInt64LittleEndian(boot.AsSpan(72), Sectors);
        foreach ((int at, uint value) in ((int, uint)[])[(80, FatStart), (84, HeapStart - FatStart), (88, HeapStart), (92, Clusters), (96, Root), (100, 0x1234_5678)]) Put(boot, at, value);
        boot[105] = 1; // revision 1.00
        boot[108] = 9;
        boot[110] = 1;
        boot[510] = 0x55;
        boot[511] = 0xAA;
        device.Put(0, boot);
        byte[] extended = new byte[512];
        Put(extended, 508, 0xAA55_0000);
        for (ulong sector = 1; sector <= 8; sector++) device.Put(sector, extended);
        SealBoot(device);

        byte[] fat = new byte[512];
        foreach ((int at, uint value) in ((int, uint)[])[(0, 0xFFFF_FFF8), (4, uint.MaxValue), (4 * Bitmap, uint.MaxValue), (4 * Upcase, uint.MaxValue), (4 * Root, uint.MaxValue)]) Put(fat, at, value);
        device.Put(FatStart, fat);
        byte[] bitmap = new byte[512];
        bitmap[0] = 7;
        device.Put(Cluster(Bitmap), bitmap);

        // ASCII only; all others are their own upper case.
        byte[] upcase = new byte[512];
        for (int i = 0; i < 128; i++) upcase[2 * i] = (byte)(i is >= 'a' and <= 'z' ? i - 0x20 : i);
        uint sum = 0;
        foreach (byte b in upcase.AsSpan(0, 256)) sum = (sum << 31 | sum >> 1) + b;
        device.Put(Cluster(Upcase), upcase);
        byte[] root = new byte[512];
        root[0] = 0x81;
        Put(root, 20, Bitmap);
        Put(root, 24, (Clusters + 7) / 8);
        root[32] = 0x82;
        Put(root, 36, sum);
        Put(root, 52, Upcase);
        Put(root, 56, 256);
        device.Put(Cluster(Root), root);
        return device;
    }

    /// <summary>Puts the checksum right, and copies the region to its backup.</summary>
    public static void SealBoot(FakeDevice device)
    {
        uint sum = 0;
        for (ulong sector = 0; sector < BootSectors - 1; sector++)
        {
            ReadOnlySpan<byte> bytes = device.Peek(sector);
            for (int i = 0; i < bytes.Length; i++)
                if (sector != 0 || i is not (106 or 107 or 112)) sum = (sum << 31 | sum >> 1) + bytes[i];
        }

        byte[] seal = new byte[512];
        for (int i = 0; i < seal.Length; i += 4) Put(seal, i, sum);
        device.Put(BootSectors - 1, seal);
        for (ulong sector = 0; sector < BootSectors; sector++) device.Put(BootSectors + sector, device.Peek(sector));
    }

    public static ulong Cluster(uint cluster) => HeapStart + cluster - 2;

    private static void Put(Span<byte> bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);
}
