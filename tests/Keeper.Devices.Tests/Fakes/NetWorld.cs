using System.Linq;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Network;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A handset on a network, with some profiles.</summary>
public sealed class NetWorld
{
    private readonly InterruptLine _line = new FakeInterrupts().Line(0);

    public NetWorld(int profiles)
    {
        ArrayMemory memory = new(0x7000_0000, VirtioNetDriver.MemoryBytes);
        Outside = new FakeOutside(memory, _line);
        Driver = VirtioNetDriver.Start(new DeviceBus(Outside), memory);
        Switch = new NetworkSwitch(Driver, Clock, profiles);
        Guests = [.. Enumerable.Range(0, profiles).Select(i => new NetGuest(Switch.Port(i)))];
    }

    public FakeClock Clock { get; } = new();

    public FakeOutside Outside { get; }

    public VirtioNetDriver Driver { get; }

    public NetworkSwitch Switch { get; }

    public NetGuest[] Guests { get; }

    /// <summary>The address that <see cref="Boot"/> gives a profile.</summary>
    public static MacAddress Mac(int profile) => new(0x02AA_0000_0000UL + (ulong)profile);

    public NetWorld Boot()
    {
        for (int i = 0; i < Guests.Length; i++)
        {
            Guests[i].Devices.ConfigureNetwork(Mac(i));
            Guests[i].Boot();
        }

        return this;
    }

    /// <summary>Core 0 takes the device's interrupt, if it is raised.</summary>
    public void TakeInterrupts()
    {
        while (_line.Level)
            while (Switch.Poll())
            {
            }
    }
}
