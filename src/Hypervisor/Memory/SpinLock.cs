using System.Threading;
using Pocketvisor.Hypervisor.Machine;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>
/// Held for some hundred instructions, with interrupts masked as always at EL2. Not first come, first served: on an emulated
/// handset whose cores share fewer host processors, a queue would wait for each core that is not being run just then.
/// </summary>
internal struct SpinLock
{
    private int _held;

    public void Enter() => Cpu.AcquireLock(ref _held);

    public void Exit() => Volatile.Write(ref _held, 0);
}
