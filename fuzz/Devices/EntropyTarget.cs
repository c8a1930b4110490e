using System;
using System.Collections.Generic;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Tests.Fakes;
using Pocketvisor.Keeper.Devices.Virtio;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Devices;

/// <summary>A guest gets no more between two ticks than its share, however often it resets the device; after a reset the device works.</summary>
public sealed class EntropyTarget : IFuzzTarget
{
    public IEnumerable<byte[]> Seeds =>
    [
        [.. WildDriver.Start(), .. WildDriver.Offer(0, 0, 0x4000, 64, 2), 10, .. WildDriver.Offer(0, 1, 0x4000, 0x400, 2)],
        [.. WildDriver.Start(0), 11, 3, .. WildDriver.Offer(0, 0, 0x4000, 64, 3, 1), .. WildDriver.Offer(0, 1, 0x4100, 64, 2), 10],
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Choices choices = new(input.ToArray());
        ArrayMemory memory = new(0x4000_0000, 0x8000);
        ArrayRegisterPage page = new();
        FakeRandom random = new();
        VirtioEntropy device = new(random, memory, new FakeInterrupts().Line(17));
        device.ShowOn(page, 1);
        device.Reset();
        WildDriver driver = new(device, memory, 1, choices);
        int taken = 0;
        while (choices.HasMore)
        {
            driver.Step(Tick, () => random.Available = choices.U16());
            Demand(random.Taken - taken <= VirtioEntropy.BytesPerTick, "More random bytes than a guest's share.");
        }

        Demand(page.FirstWrong(1, device) is null, "The guest reads registers that the device does not have.");
        random.Available = int.MaxValue;
        device.Write(0x70, 4, 0);
        device.Tick();
        MockDriver right = new MockDriver(device, memory).Start(1);
        right.Descriptor(0, 0, right.Data, 16, 2, 0);
        right.Offer(0, 0);
        Demand(right.UsedIndex(0) == 1 && right.Used(0, 0) == (0u, 16u), "After a reset the device does not work.");

        void Tick()
        {
            taken = random.Taken; // what it serves at once is of the new share
            device.Tick();
        }
    }
}
