using System;
using System.Collections.Generic;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Devices;

/// <summary>
/// Everything that a profile without disk and network has: the virtio console, and the PrimeCells beside it. The guest reads of its page what the devices say, and after a
/// power-on the console works again.
/// </summary>
public sealed class ConsoleTarget : IFuzzTarget
{
    private static readonly ulong[] s_cells = [VirtualHandset.Pl011, VirtualHandset.Pl031, VirtualHandset.Pl061];

    public IEnumerable<byte[]> Seeds =>
    [
        [.. WildDriver.Start(), .. WildDriver.Offer(1, 0, 0x4000, 100, 0), .. WildDriver.Offer(0, 0, 0x5000, 64, 2), 10, 5, 1, 2, 3, 4, 5],
        [.. WildDriver.Start(0), .. WildDriver.Offer(1, 0, 0x4000, 100, 1, 1), .. WildDriver.Offer(1, 1, 0x4000, 100, 0), 11, 80, 24, 13],
        [12, 0, 0, 0, 2, 1, 65, 12, 0, 0x30, 0, 2, 1, 1, 10, 3, 65, 66, 67, 12, 2, 0, 4, 2, 1, 9, 14, 1, 15],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        ArrayMemory memory = new(VirtualHandset.Ram, 0x8000);
        ArrayRegisterPage page = new();
        FakeClock clock = new();
        ProfileConsole console = new(256, new FakeDoorbell());
        ProfileDevices devices = new(console, memory, clock, new FakeRandom(), new FakeInterrupts(), port: null, flash: null, page);
        devices.Reset();
        SlotWindow slot = new(devices, ProfileDevices.ConsoleSlot);
        WildDriver driver = new(slot, memory, 2, choices);
        byte[] said = new byte[256];
        while (choices.HasMore)
        {
            driver.Step(
                () => devices.Input(choices.Bytes(choices.Byte())),
                () => devices.Resize(choices.U16(), choices.U16()),
                () => Cell(devices, choices),
                devices.Tick,
                () => devices.SetPowerButton(choices.Byte() % 2 == 0),
                devices.Reset,
                () => console.Sent(console.SentTo + (ulong)console.Peek(said.AsSpan(0, choices.Byte()), out _)),
                () => clock.Wall += choices.Byte());
        }

        Demand(page.FirstWrong(ProfileDevices.ConsoleSlot, slot) is null, "The guest reads registers that the device does not have.");
        devices.Reset();
        MockDriver right = new MockDriver(slot, memory).Start(2);
        "hello"u8.CopyTo(memory.Slice(right.Data, 5));
        ulong before = console.End;
        right.Descriptor(1, 0, right.Data, 5, 0, 0);
        right.Offer(1, 0);
        Demand(console.End == before + 5 && right.UsedIndex(1) == 1, "After a power-on the console does not work.");
    }

    private static void Cell(ProfileDevices devices, Choices choices)
    {
        ulong address = choices.Of<ulong>(s_cells) + (ulong)choices.U16() % 0x1000;
        int size = 1 << choices.Byte() % 4;
        if (choices.Byte() % 2 == 0) devices.TryRead(address, size, out _);
        else devices.TryWrite(address, size, choices.Byte() == 255 ? choices.U64() : choices.U16());
    }
}
