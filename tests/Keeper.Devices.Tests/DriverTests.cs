using System;
using System.Collections.Generic;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Drivers;
using Xunit;

namespace Pocketvisor.Keeper.Devices.Tests;

/// <summary>Our drivers against our own device models, and against devices that lie.</summary>
public sealed class DriverTests
{
    private readonly FakeInterrupts _interrupts = new();
    private readonly ArrayMemory _memory = new(0x7000_0000, 0x8_0000);
    private readonly ProfileConsole _console = new(0x1_0000, new FakeDoorbell());
    private readonly FakeClock _clock = new();

    [Fact]
    public void ConsoleDriverCarriesBytesBothWays()
    {
        VirtioConsole device = Console();
        VirtioConsoleDriver driver = VirtioConsoleDriver.Start(new DeviceBus(device), _memory);
        Assert.NotNull(driver);
        Assert.True(device.TakesInput);

        Assert.True(driver.TryWrite("to the PC"u8));
        Assert.Equal("", Said());
        driver.Flush();
        Assert.Equal("to the PC", Said());
        Assert.False(_interrupts.Line(16).Level); // nobody waits for room

        device.Receive("to the handset"u8);
        byte[] bytes = new byte[6];
        Assert.Equal(6, driver.Read(bytes));
        Assert.Equal("to the", Encoding.ASCII.GetString(bytes));
        Assert.True(_interrupts.Line(16).Level);
        driver.Poll();
        Assert.False(_interrupts.Line(16).Level);
        bytes = new byte[100];
        Assert.Equal(8, driver.Read(bytes));
    }

    [Fact]
    public void StreamArrivesWhole() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        ArrayMemory memory = new(0x7000_0000, 0x8_0000);
        ProfileConsole console = new(0x2_0000, new FakeDoorbell());
        VirtioConsole device = new(console, memory, new FakeInterrupts().Line(0), 80, 24);
        VirtioConsoleDriver driver = VirtioConsoleDriver.Start(new DeviceBus(device), memory);
        List<byte> typed = [], read = [], written = [], said = [];
        byte[] buffer = new byte[0x2_0000];
        for (int i = 0; i < 60; i++)
        {
            byte[] bytes = new byte[random.Next(2000)];
            random.NextBytes(bytes);
            int n = device.Receive(bytes);
            typed.AddRange(bytes.AsSpan(0, n));
            n = driver.Read(buffer.AsSpan(0, random.Next(3000)));
            read.AddRange(buffer.AsSpan(0, n));

            bytes = new byte[random.Next(6000)];
            random.NextBytes(bytes);
            if (driver.TryWrite(bytes)) written.AddRange(bytes);
            if (random.Next(4) == 0) driver.Flush();
            n = console.Peek(buffer, out ulong place);
            said.AddRange(buffer.AsSpan(0, n));
            console.Sent(place + (ulong)n);
        }

        for (int i = 0; i < 20; i++)
        {
            read.AddRange(buffer.AsSpan(0, driver.Read(buffer)));
            driver.Flush();
        }

        said.AddRange(buffer.AsSpan(0, console.Peek(buffer, out _)));
        return typed.ToArray().AsSpan().SequenceEqual(read.ToArray()) && written.ToArray().AsSpan().SequenceEqual(said.ToArray());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void FullTransmitQueueRefusesAndNothingIsLost()
    {
        // A device that never serves its queues: notifications go nowhere.
        VirtioConsole device = Console();
        bool deaf = true;
        ScriptedBus bus = new(
            offset => (uint)device.Read(offset, 4),
            (offset, value) =>
            {
                if (!deaf || offset != VirtioMmio.QueueNotify) device.Write(offset, 4, value);
            });
        VirtioConsoleDriver driver = VirtioConsoleDriver.Start(bus, _memory);
        int taken = 0;
        while (driver.TryWrite(new byte[8192])) taken++;
        Assert.Equal(32, taken);
        driver.Flush();
        Assert.False(driver.TryWrite("x"u8));
        deaf = false;
        device.Write(VirtioMmio.QueueNotify, 4, 1);
        Assert.True(_interrupts.Line(16).Level); // somebody waited for room
        driver.Poll();
        Assert.False(_interrupts.Line(16).Level);
        Assert.True(driver.TryWrite("x"u8));
    }

    [Fact]
    public void ConsoleDriverUsesPort1WhereThereAreSeveralAndKnowsWhoIsThere()
    {
        MultiportConsole device = new(_memory, _interrupts.Line(16));
        VirtioConsoleDriver driver = VirtioConsoleDriver.Start(new DeviceBus(device), _memory);
        driver.Poll();
        Assert.Equal(["-1 0 1", "1 3 1", "1 6 1"], device.Heard);
        Assert.False(driver.IsOpen);
        device.Tell(0, 6, 1);
        driver.Poll();
        Assert.False(driver.IsOpen);

        for (uint i = 1; i < 100; i++)
        {
            device.Tell(1, 6, 1);
            driver.Poll();
            Assert.True(driver.IsOpen);
            Assert.Equal(i, driver.Session);
            device.Tell(1, 6, 0);
            driver.Poll();
            Assert.False(driver.IsOpen);
        }

        Assert.True(driver.TryWrite("by port 1"u8));
        driver.Flush();
        Assert.Equal("by port 1", Encoding.ASCII.GetString(device.Said.ToArray()));
    }

    [Fact]
    public void EntropyDriverReadsAndCleansUp()
    {
        VirtioEntropy device = new(new FakeRandom(), _memory, _interrupts.Line(17));
        VirtioRngDriver driver = VirtioRngDriver.Start(new DeviceBus(device), _memory, _clock);
        byte[] bytes = new byte[150];
        Assert.Equal(150, driver.Read(bytes, 1_000_000));
        Assert.All(bytes, b => Assert.Equal(0x5C, b));
        Assert.Equal(VirtioEntropy.BytesPerTick - 150, driver.TryRead(bytes)); // what came along
        Assert.Equal(0, driver.TryRead(bytes));
        Assert.False(_interrupts.Line(17).Level);
        Assert.Equal(-1, _memory.Bytes.AsSpan(0, VirtioRngDriver.MemoryBytes).IndexOf(new byte[] { 0x5C, 0x5C, 0x5C }));
    }

    [Fact]
    public void EntropyDriverGivesUpInTimeAndTakesALateAnswerNextTime()
    {
        VirtioEntropy device = new(new FakeRandom(), _memory, _interrupts.Line(17));
        bool deaf = true;
        ScriptedBus bus = new(
            offset => (uint)device.Read(offset, 4),
            (offset, value) =>
            {
                if (!deaf || offset != VirtioMmio.QueueNotify) device.Write(offset, 4, value);
            });
        VirtioRngDriver driver = VirtioRngDriver.Start(bus, _memory, _clock);
        byte[] bytes = new byte[32];
        Assert.Equal(0, driver.Read(bytes, 1_000_000));
        deaf = false;
        device.Write(VirtioMmio.QueueNotify, 4, 0);
        Assert.Equal(32, driver.Read(bytes, 1_000_000));
    }

    [Fact]
    public void DriversRefuseWhatIsNotTheirs()
    {
        DeviceBus entropy = new(new VirtioEntropy(new FakeRandom(), _memory, _interrupts.Line(17)));
        Assert.Null(VirtioConsoleDriver.Start(entropy, _memory));
        Assert.Null(VirtioRngDriver.Start(new DeviceBus(Console()), _memory, _clock));
        Assert.Null(VirtioRngDriver.Start(new DeviceBus(new EmptySlots()), _memory, _clock));
        Assert.Null(VirtioRngDriver.Start(new ScriptedBus(_ => 0, (_, _) => { }), _memory, _clock));
        Assert.Null(VirtioRngDriver.Start(new ScriptedBus(_ => uint.MaxValue, (_, _) => { }), _memory, _clock));

        // Legacy, and one that agrees on nothing.
        Assert.Null(VirtioRngDriver.Start(new ScriptedBus(o => o switch { 0 => VirtioMmio.Magic, 4 => 1, 8 => 4, _ => 0 }, (_, _) => { }), _memory, _clock));
        Assert.Null(VirtioRngDriver.Start(new ScriptedBus(o => o switch { 0 => VirtioMmio.Magic, 4 => 2, 8 => 4, _ => 0 }, (_, _) => { }), _memory, _clock));
    }

    [Theory]
    [InlineData(7u, 4u)]            // was never offered
    [InlineData(uint.MaxValue, 4u)]
    public void DriverQueueTrustsNoDevice(uint id, uint length)
    {
        DriverQueue queue = new(_memory, _memory.Address, 8, 64, deviceWrites: true);
        queue.Offer(0, 64);
        Use(queue, id, length);
        Assert.False(queue.TryTake(out _, out _));
        Assert.True(queue.Broken);
    }

    [Fact]
    public void DriverQueueCutsLengthsToTheBuffer()
    {
        DriverQueue queue = new(_memory, _memory.Address, 8, 64, deviceWrites: true);
        queue.Offer(3, 64);
        Use(queue, 3, uint.MaxValue);
        Assert.True(queue.TryTake(out int index, out int written));
        Assert.Equal((3, 64), (index, written));
        Assert.False(queue.TryTake(out _, out _));
    }

    [Fact]
    public void UartDriverWaitsButNotForever()
    {
        List<byte> sent = [];
        int full = 3;
        Pl011Driver driver = new(new ScriptedBus(_ => full-- > 0 ? 0x20u : 0, (_, value) => sent.Add((byte)value)));
        driver.Write("a\n"u8);
        Assert.Equal("a\r\n", Encoding.ASCII.GetString(sent.ToArray()));
        new Pl011Driver(new ScriptedBus(_ => 0x20, (_, value) => sent.Add((byte)value))).Write("z"u8);
        Assert.Equal((byte)'z', sent[^1]);
    }

    [Fact]
    public void ClockDriverReadsTheSeconds() =>
        Assert.Equal(_clock.Wall, new Pl031Driver(new DeviceBus(new Pl031(_clock, _interrupts.Line(2)))).Seconds);

    private VirtioConsole Console() => new(_console, _memory, _interrupts.Line(16), 80, 24);

    private void Use(DriverQueue queue, uint id, uint length)
    {
        Span<byte> area = _memory.Slice(queue.DeviceArea, 4 + 8 * queue.Size);
        BitConverter.TryWriteBytes(area[4..], id);
        BitConverter.TryWriteBytes(area[8..], length);
        BitConverter.TryWriteBytes(area[2..], (ushort)1);
    }

    private string Said()
    {
        byte[] bytes = new byte[100];
        return Encoding.ASCII.GetString(bytes, 0, _console.Peek(bytes, out _));
    }
}
