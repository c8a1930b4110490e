using System;
using System.Threading;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>
/// Unlike the real one it does not wait, unless told so: on one thread, a lock that is taken stays taken. The hypervisor has one, so the
/// state is static.
/// </summary>
internal struct SpinLock
{
    private static int s_taken;

    private int _entered;

    public static bool IsTaken
    {
        get => Volatile.Read(ref s_taken) != 0;
        set => Volatile.Write(ref s_taken, value ? 1 : 0);
    }

    /// <summary>Cores are threads: who comes second waits.</summary>
    public static bool Waits { get; set; }

    /// <summary>By whoever holds the lock, just before it lets go.</summary>
    public static Action AtExit { get; set; } = () => { };

    public void Enter()
    {
        SpinWait wait = default;
        while (Interlocked.CompareExchange(ref s_taken, 1, 0) != 0)
        {
            if (!Waits) throw new InvalidOperationException("The lock is taken already; the real one would hang.");
            wait.SpinOnce(-1);
        }
        _entered++;
    }

    public void Exit()
    {
        if (!IsTaken) throw new InvalidOperationException("The lock is not taken.");
        AtExit();
        IsTaken = false;
    }
}
