using System.Runtime.CompilerServices;
using System.Threading;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>First come, first served. Held with interrupts masked, as always at EL2.</summary>
internal struct SpinLock
{
    private int _next;    // the ticket to draw
    private int _serving; // the ticket that holds the lock

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Enter()
    {
        int ticket = Interlocked.ExchangeAdd(ref _next, 1);
        while (Volatile.Read(ref _serving) != ticket) { }
    }

    public void Exit() => Volatile.Write(ref _serving, _serving + 1);
}
