using System;
using System.Linq;
using System.Text;
using Pocketvisor.Abi;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

public sealed class ProfileDevicesTests
{
    private readonly ArrayMemory _memory = new(VirtualHandset.Ram, 0x1_0000);
    private readonly FakeInterrupts _interrupts = new();
    private readonly FakeDoorbell _doorbell = new();
    private readonly FakeRandom _random = new();
    private readonly ArrayRegisterPage _page = new();
    private readonly ProfileConsole _console;
    private readonly ProfileDevices _devices;

    public ProfileDevicesTests()
    {
        _console = new ProfileConsole(1024, _doorbell);
        _devices = new ProfileDevices(_console, _memory, new FakeClock(), _random, _interrupts, port: null, flash: null, _page);
    }

    [Theory]
    [InlineData(VirtualHandset.Pl011 + 0xFE0, 0x11ul)]
    [InlineData(VirtualHandset.Pl031 + 0xFE0, 0x31ul)]
    [InlineData(VirtualHandset.Pl061 + 0xFE0, 0x61ul)]
    [InlineData(VirtualHandset.VirtioMmio + 8, 3ul)]
    [InlineData(VirtualHandset.VirtioMmio + 0x208, 4ul)]
    [InlineData(VirtualHandset.VirtioMmio + 0x400, 0x74726976ul)]
    [InlineData(VirtualHandset.VirtioMmio + 0x408, 0ul)]
    [InlineData(VirtualHandset.VirtioMmio + 0x3E08, 0ul)]
    public void DevicesAreWhereTheVirtMachineHasThem(ulong address, ulong value)
    {
        Assert.True(_devices.TryRead(address, 4, out ulong read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(VirtualHandset.Pl011 - 1)]
    [InlineData(0x0902_0000ul)]
    [InlineData(VirtualHandset.VirtioMmio + 0x4000)]
    [InlineData(VirtualHandset.Ram)]
    [InlineData(ulong.MaxValue)]
    public void ElsewhereNobodyAnswers(ulong address)
    {
        Assert.False(_devices.TryRead(address, 4, out _));
        Assert.False(_devices.TryWrite(address, 4, 0));
    }

    [Fact]
    public void ReadsAreCutToTheirSize()
    {
        Assert.True(_devices.TryRead(VirtualHandset.Pl031, 1, out ulong value));
        Assert.Equal(1_700_000_000 & 0xFF, (int)value);
    }

    [Fact]
    public void InputGoesToTheUartUntilVirtioTakesIt()
    {
        _devices.Input("u"u8);
        _devices.TryRead(VirtualHandset.Pl011, 4, out ulong typed);
        Assert.Equal('u', (char)typed);

        StartVirtio(ProfileDevices.ConsoleSlot);
        _devices.Input("v"u8);
        _devices.TryRead(VirtualHandset.Pl011 + 0x18, 4, out ulong flags);
        Assert.Equal(0x90ul, flags);
        Assert.Equal((byte)'v', _memory.Slice(VirtualHandset.Ram + 0x4000, 1)[0]);

        _devices.Reset();
        _devices.Input("w"u8);
        _devices.TryRead(VirtualHandset.Pl011, 4, out typed);
        Assert.Equal('w', (char)typed);
    }

    [Fact]
    public void TheTerminalsSizeIsTheConsolesAlsoAfterARestart()
    {
        _devices.Resize(132, 43);
        _devices.Reset();
        Assert.True(_devices.TryRead(VirtualHandset.VirtioMmio + 0x100, 4, out ulong size));
        Assert.Equal(43ul << 16 | 132, size);
    }

    [Fact]
    public void OutputRingsOnceUntilItIsSent()
    {
        for (int i = 0; i < 3; i++) _devices.TryWrite(VirtualHandset.Pl011, 4, (ulong)('a' + i));
        Assert.Equal(1, _doorbell.Rings);
        byte[] bytes = new byte[10];
        Assert.Equal(3, _console.Peek(bytes, out ulong place));
        Assert.Equal("abc", Encoding.ASCII.GetString(bytes, 0, 3));
        _console.Sent(place + 3);
        _devices.TryWrite(VirtualHandset.Pl011, 4, 'd');
        Assert.Equal(2, _doorbell.Rings);
    }

    [Fact]
    public void ResetTellsTheNewVmNothing()
    {
        _devices.TryWrite(VirtualHandset.Pl011 + 0x38, 4, 0x10);
        _devices.Input("x"u8);
        Assert.Equal([(1, true)], _interrupts.Calls);
        _devices.Reset();
        Assert.Equal([(1, true)], _interrupts.Calls);
        Assert.False(_interrupts.Line(1).Level);
    }

    [Fact]
    public void PowerButtonIsGpioLine3()
    {
        _devices.TryWrite(VirtualHandset.Pl061 + 0x40C, 4, 8);
        _devices.TryWrite(VirtualHandset.Pl061 + 0x410, 4, 8);
        _devices.SetPowerButton(true);
        Assert.Equal([(7, true)], _interrupts.Calls);
        _devices.SetPowerButton(false);
        _devices.TryRead(VirtualHandset.Pl061 + 0x3FC, 4, out ulong lines);
        Assert.Equal(0ul, lines);
    }

    [Fact]
    public void WhoWaitsForRandomBytesGetsThemOnATick()
    {
        _random.Available = 0;
        StartVirtio(ProfileDevices.EntropySlot);
        _devices.TryWrite(VirtualHandset.VirtioMmio + 0x250, 4, 0);
        _devices.Tick();
        Assert.Empty(_interrupts.Calls);
        _random.Available = 16;
        _devices.Tick();
        Assert.Equal([(17, true)], _interrupts.Calls);
        Assert.Equal(0x5C, _memory.Slice(VirtualHandset.Ram + 0x4000, 1)[0]);

        // The next VM has made no request yet.
        _devices.Reset();
        _random.Available = 16;
        _devices.Tick();
        Assert.Equal(16, _random.Available);
    }

    [Fact]
    public void DisksAreInSlots3To6OnceTheyAreConfigured()
    {
        DiskWorld world = new();
        ProfileDevices devices = new(_console, world.Memory, new FakeClock(), _random, _interrupts, port: null, world.Driver, _page);
        ulong DeviceId(int slot) => devices.TryRead(VirtualHandset.VirtioMmio + (ulong)slot * VirtualHandset.VirtioMmioStep + 8, 4, out ulong id) ? id : ulong.MaxValue;
        for (int slot = 2; slot < 8; slot++) Assert.Equal(0ul, DeviceId(slot));
        Assert.True(devices.ConfigureDisk(0, [new Extent(0, 8)], 1, false, "a"u8));
        Assert.True(devices.ConfigureDisk(3, [new Extent(8, 8)], 1, true, "b"u8));
        Assert.False(devices.ConfigureDisk(1, [new Extent(0, 5000)], 1, false, "c"u8));
        Assert.False(devices.ConfigureDisk(4, [new Extent(0, 8)], 1, false, "d"u8));
        Assert.False(_devices.ConfigureDisk(0, [new Extent(0, 8)], 1, false, "no flash"u8));
        Assert.Equal([2ul, 0ul, 0ul, 2ul, 0ul], Enumerable.Range(3, 5).Select(DeviceId));
        devices.RemoveDisks();
        Assert.Equal([0ul, 0ul, 0ul, 0ul, 0ul], Enumerable.Range(3, 5).Select(DeviceId));
    }

    [Fact]
    public void DisksTellWhatTheyHaveDone()
    {
        DiskWorld world = new();
        FakeInterrupts interrupts = new();
        ProfileDevices devices = new(_console, world.Memory, new FakeClock(), _random, interrupts, port: null, world.Driver, _page);
        world.Flash.Allowed = _ => true;
        Assert.True(devices.ConfigureDisk(1, world.Extents, world.Extents.Length, false, "vdb"u8));
        SlotDevice slot = new(devices, ProfileDevices.FirstDiskSlot + 1);
        BlockGuest guest = new(slot, world.Memory, world.Memory.Address, 16, BlockGuest.Version1);
        world.Flash.Eager = false;
        guest.Send(0, 0, (world.Memory.Address + 0x8_0000, 512));
        guest.Kick();
        Assert.True(devices.AreDisksBusy);
        Assert.False(devices.HasCompletedDisks);
        world.Flash.ServeAll();
        world.Driver.Reap();
        Assert.False(devices.AreDisksBusy);
        Assert.True(devices.HasCompletedDisks);
        devices.CompleteDisks();
        Assert.False(devices.HasCompletedDisks);
        Assert.Equal([(20, true)], interrupts.Calls);
        Assert.Single(guest.Take());

        // What fails because the flash was given up, for which no interrupt comes, is told on a tick.
        world.Flash.Use(99, 0);
        world.Driver.Reap();
        guest.Send(0, 0, (world.Memory.Address + 0x8_0000, 512));
        guest.Kick();
        Assert.Empty(guest.Take());
        devices.Tick();
        Assert.Equal((byte)1, Assert.Single(guest.Take()).Status);

        guest.Send(0, 0, (world.Memory.Address + 0x8_0000, 512));
        guest.Kick();
        devices.Reset();
        Assert.False(devices.AreDisksBusy);
        Assert.False(devices.HasCompletedDisks);
    }

    // One of the slots as a device of its own.
    private sealed class SlotDevice(ProfileDevices devices, int slot) : MmioDevice
    {
        private readonly ulong _address = VirtualHandset.VirtioMmio + (ulong)slot * VirtualHandset.VirtioMmioStep;

        public override ulong Read(uint offset, int size) => devices.TryRead(_address + offset, size, out ulong value) ? value : throw new InvalidOperationException("Nobody answers.");

        public override void Write(uint offset, int size, ulong value) => Assert.True(devices.TryWrite(_address + offset, size, value));
    }

    // Its queue 0 offers 16 bytes.
    [Fact]
    public void TheRegisterPageShowsWhatReadsWouldSay()
    {
        _devices.Reset();
        ThePageIsRight();
        StartVirtio(ProfileDevices.EntropySlot);
        ThePageIsRight();
        _devices.TryWrite(VirtualHandset.VirtioMmio + 0x250, 4, 0);
        Assert.Equal(1u, _page.Read(ProfileDevices.EntropySlot, 0x60));
        _devices.TryWrite(VirtualHandset.VirtioMmio + 0x264, 4, 1);
        Assert.Equal(0u, _page.Read(ProfileDevices.EntropySlot, 0x60));
        StartVirtio(ProfileDevices.ConsoleSlot);
        _devices.Resize(132, 43);
        Assert.Equal(132u | 43u << 16, _page.Read(ProfileDevices.ConsoleSlot, 0x100));
        ThePageIsRight();

        // The next guest finds nothing of the last one's.
        _devices.Reset();
        Assert.Equal(0u, _page.Read(ProfileDevices.EntropySlot, 0x70));
        ThePageIsRight();
    }

    [Fact]
    public void TheRegisterPageShowsARequestForReset()
    {
        _devices.Reset();
        StartVirtio(ProfileDevices.EntropySlot);
        _devices.TryWrite(VirtualHandset.VirtioMmio + 0x244, 4, 0);
        _devices.TryWrite(VirtualHandset.VirtioMmio + 0x238, 4, 3); // no power of two
        _devices.TryWrite(VirtualHandset.VirtioMmio + 0x244, 4, 1);
        Assert.Equal(64u, _page.Read(ProfileDevices.EntropySlot, 0x70) & 64);
        ThePageIsRight();
    }

    private void ThePageIsRight()
    {
        for (int slot = 0; slot < RegisterPage.Slots; slot++)
            for (uint register = 0; register < VirtualHandset.VirtioMmioStep; register += 4)
            {
                Assert.True(_devices.TryRead(VirtualHandset.VirtioMmio + (ulong)slot * VirtualHandset.VirtioMmioStep + register, 4, out ulong value));
                Assert.Equal((slot, register, (uint)value), (slot, register, _page.Read(slot, register)));
            }
    }

    private void StartVirtio(int slot)
    {
        void Register(uint offset, ulong value) => _devices.TryWrite(VirtualHandset.VirtioMmio + (ulong)slot * VirtualHandset.VirtioMmioStep + offset, 4, value);
        Register(0x70, 3);
        Register(0x24, 1);
        Register(0x20, 1);
        Register(0x70, 11);
        Register(0x30, 0);
        Register(0x38, 8);
        Register(0x80, VirtualHandset.Ram);
        Register(0x90, VirtualHandset.Ram + 0x1000);
        Register(0xA0, VirtualHandset.Ram + 0x2000);
        _memory.Slice(VirtualHandset.Ram, 0x3000).Clear();
        BitConverter.TryWriteBytes(_memory.Slice(VirtualHandset.Ram, 8), VirtualHandset.Ram + 0x4000);
        _memory.Slice(VirtualHandset.Ram + 8, 1)[0] = 16;
        _memory.Slice(VirtualHandset.Ram + 12, 1)[0] = 2;
        _memory.Slice(VirtualHandset.Ram + 0x1002, 1)[0] = 1;
        Register(0x44, 1);
        Register(0x70, 15);
    }
}
