using System.Runtime.CompilerServices;
using System.Threading;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>
/// Held for some hundred instructions, with interrupts masked as always at EL2. Not first come, first served: on an emulated
/// handset whose cores share fewer host processors, a queue would wait for each core that is not being run just then.
/// </summary>
internal struct SpinLock
{
    private int _held;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Enter()
    {
        while (Interlocked.CompareExchange(ref _held, 1, 0) != 0) { }
    }

    public void Exit() => Volatile.Write(ref _held, 0);
}
