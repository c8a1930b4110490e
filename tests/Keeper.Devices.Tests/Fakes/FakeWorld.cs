using System;
using System.Collections.Generic;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Drivers;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>Records each call that would be a hypercall.</summary>
public sealed class FakeInterrupts : ProfileInterrupts
{
    public List<(int Spi, bool Level)> Calls { get; } = [];

    protected override void Drive(int spi, bool level) => Calls.Add((spi, level));
}

public sealed class FakeClock : Clock
{
    public uint Wall { get; set; } = 1_700_000_000;

    public ulong Time { get; set; }

    public override uint Seconds => Wall;

    /// <summary>How much passes with each look.</summary>
    public ulong Step { get; set; } = 1000;

    /// <summary>What happens meanwhile.</summary>
    public Action Meanwhile { get; set; } = () => { };

    /// <summary>Time passes with each look, so that whatever waits ends.</summary>
    public override ulong Nanoseconds
    {
        get
        {
            Meanwhile();
            return Time += Step;
        }
    }
}

public sealed class FakeRandom : RandomSource
{
    /// <summary>Bytes that it has.</summary>
    public int Available { get; set; } = int.MaxValue;

    /// <summary>Bytes that it gave.</summary>
    public int Taken { get; private set; }

    public override int Take(Span<byte> bytes)
    {
        int n = Math.Min(bytes.Length, Available);
        bytes[..n].Fill(0x5C);
        Available -= n;
        Taken += n;
        return n;
    }
}

public sealed class FakeDoorbell : Doorbell
{
    public int Rings { get; private set; }

    public override void Ring() => Rings++;
}

/// <summary>Real registers, as a driver sees them, that are one of our own device models.</summary>
public sealed class DeviceBus(MmioDevice device) : MmioBus
{
    public override uint Read32(uint offset) => (uint)device.Read(offset, 4);

    public override void Write32(uint offset, uint value) => device.Write(offset, 4, value);
}

/// <summary>Real registers that behave as a test says.</summary>
public sealed class ScriptedBus(Func<uint, uint> read, Action<uint, uint> write) : MmioBus
{
    public override uint Read32(uint offset) => read(offset);

    public override void Write32(uint offset, uint value) => write(offset, value);
}
