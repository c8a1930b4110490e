using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Drivers;
using Pocketvisor.Keeper.Machine;
using Pocketvisor.Keeper.Scheduling;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// When somebody looks at what the flash has done for guests' disks. Each interrupt takes core 0's guest away from it, and a guest that
/// works hard would soon get the next; so after one the flash keeps quiet until core 0 looks again by the clock, or a vCPU on any
/// core goes to sleep: it may sleep until its request is done.
/// </summary>
public sealed class FlashWatch
{
    private const ulong PauseMicroseconds = 1000;

    private readonly VirtioBlockDriver _flash;
    private readonly Supervisor _supervisor;
    private readonly ulong _pause;
    private bool _isReported;
    private ulong _lookAt = Schedulable.Never; // core 0's

    public FlashWatch(VirtioBlockDriver flash, Supervisor supervisor, HandsetClock clock)
    {
        _flash = flash;
        _supervisor = supervisor;
        _pause = clock.FromMicroseconds(PauseMicroseconds);
    }

    /// <summary>The flash interrupts. Core 0.</summary>
    public void TakeInterrupt(ulong now)
    {
        _flash.Reap(); // lowers the line
        _lookAt = now + _pause;
        _supervisor.CompleteDisks();
    }

    /// <summary>Looks if it is time. Core 0.</summary>
    /// <returns>When to come again.</returns>
    public ulong Poll(ulong now)
    {
        if (now < _lookAt) return _lookAt;
        if (_flash.Reap())
        {
            _lookAt = now + _pause;
            _supervisor.CompleteDisks();
        }
        else
        {
            _lookAt = Schedulable.Never;
            Listen();
        }

        return _lookAt;
    }

    /// <summary>About once a second: whether it still answers. Core 0.</summary>
    public void Second()
    {
        _flash.Watch();
        if (!_flash.IsBroken || _isReported) return;
        _isReported = true;
        Log.Line("the flash does not answer, or not as it must, and is not used any more: all disks fail. Restart the handset"u8);
        _supervisor.CompleteDisks();
    }

    /// <summary>A vCPU goes to sleep. Any core.</summary>
    public void Listen()
    {
        if (_flash.Listen()) _supervisor.CompleteDisks();
    }
}
