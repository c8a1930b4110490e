using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Scheduling;

namespace Pocketvisor.Keeper.Machine;

/// <summary>The handset's counter and real-time clock.</summary>
public sealed class HandsetClock : Clock
{
    private const ulong NanosecondsInSecond = 1_000_000_000;

    // Some of the many in a second. Prime: two cores that wait in turn share one count, and each has its beats.
    private const uint TurnsBetweenBeats = 1021;

    private readonly ulong _frequency;
    private readonly Pl031Driver _wallClock;
    private uint _turns;

    /// <param name="wallClock">Null if the handset has none; then time begins in 1970.</param>
    public HandsetClock(Pl031Driver wallClock)
    {
        _frequency = Cpu.CounterFrequency();
        _wallClock = wallClock;
    }

    public override uint Seconds => _wallClock == null ? (uint)(Cpu.Now / _frequency) : _wallClock.Seconds;

    public override ulong Nanoseconds => ToNanoseconds(Cpu.Now);

    public override void Waits()
    {
        if (++_turns % TurnsBetweenBeats == 0) Heartbeat.Beat();
    }

    public ulong ToNanoseconds(ulong ticks) => ticks / _frequency * NanosecondsInSecond + ticks % _frequency * NanosecondsInSecond / _frequency;

    public ulong FromMicroseconds(ulong microseconds) => microseconds * _frequency / 1_000_000;
}
