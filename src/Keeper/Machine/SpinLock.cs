using System.Threading;

namespace Pocketvisor.Keeper.Machine;

/// <summary>
/// Mutual exclusion between cores. Interrupts are always masked in the keeper, so a holder is never interrupted; it must not be taken twice by one core.
/// Order: profile, then link, then log; the flash driver's, the network driver's and the random pool's come last: nothing else is taken inside.
/// </summary>
public struct SpinLock
{
    private int _taken;

    public void Enter()
    {
        while (Interlocked.CompareExchange(ref _taken, 1, 0) != 0) Cpu.Yield();
    }

    public void Exit() => Volatile.Write(ref _taken, 0);
}
