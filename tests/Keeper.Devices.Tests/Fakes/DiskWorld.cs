using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Drivers;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A handset's flash, the keeper's driver, and one guest's disk on it, whose memory devices see elsewhere than the guest does.</summary>
public sealed class DiskWorld
{
    public const int FlashSectors = 4096, DiskSectors = 1000, Interrupt = 19;

    public DiskWorld(ulong flashFeatures = FakeFlash.SegMax | FakeFlash.Flush | FakeFlash.Discard | FakeFlash.WriteZeroes | FakeFlash.Indirect | FakeFlash.EventIndex | FakeFlash.Version1, int guestBytes = 0x10_0000)
    {
        Memory = new ArrayMemory(0x4000_0000, guestBytes) { DeviceOffset = 0x9_0000_0000 };
        Flash = new FakeFlash(FlashSectors) { Features = flashFeatures, Eager = true };
        Flash.With(Shared).With(Memory);
        Flash.Allowed = request => request.IsIn(Extents);
        new Random(1).NextBytes(Flash.Disk);
        Driver = VirtioBlockDriver.Start(Flash, Shared, Clock);
        Disk = new VirtioBlock(Driver, Memory, Interrupts.Line(Interrupt));
        Clock.Meanwhile = () =>
        {
            if (Flash.Pending.Count != 0) Flash.Serve();
        };
    }

    public ArrayMemory Memory { get; }

    public ArrayMemory Shared { get; } = new(0x7000_0000, VirtioBlockDriver.MemoryBytes);

    public FakeFlash Flash { get; }

    public FakeClock Clock { get; } = new();

    public FakeInterrupts Interrupts { get; } = new();

    public VirtioBlockDriver Driver { get; }

    public VirtioBlock Disk { get; }

    /// <summary>Where the disk is, in its order.</summary>
    public Extent[] Extents { get; } = [new(2000, 300), new(50, 1), new(1000, 0), new(3000, 499), new(300, 200)];

    public DiskWorld Configure(bool readOnly = false)
    {
        if (!Disk.Configure(Extents, Extents.Length, readOnly, "root.img"u8)) throw new InvalidOperationException("The disk is not taken.");
        return this;
    }

    /// <summary>What core 0 does when the flash interrupts.</summary>
    public void TakeInterrupt()
    {
        do
        {
            Driver.Reap();
            Driver.Listen();
            if (Disk.HasCompleted) Disk.Complete();
        }
        while (Flash.Interrupts != 0 || Disk.HasCompleted);
    }

    /// <summary>A sector of the disk, on the flash.</summary>
    public Span<byte> Sector(ulong sector)
    {
        foreach (Extent extent in Extents)
        {
            if (sector < extent.Sectors) return Flash.Disk.AsSpan((int)(extent.Sector + sector) * 512, 512);
            sector -= extent.Sectors;
        }

        throw new ArgumentOutOfRangeException(nameof(sector));
    }

    public byte[] DiskBytes()
    {
        byte[] bytes = new byte[DiskSectors * 512];
        for (int i = 0; i < DiskSectors; i++) Sector((ulong)i).CopyTo(bytes.AsSpan(i * 512));
        return bytes;
    }
}
