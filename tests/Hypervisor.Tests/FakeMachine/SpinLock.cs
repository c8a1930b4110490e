using System;

namespace Pocketvisor.Hypervisor.Memory;

/// <summary>Unlike the real one it does not wait: on one thread, a lock that is taken stays taken.</summary>
internal struct SpinLock
{
    /// <summary>The hypervisor has one lock.</summary>
    public static bool IsTaken;

    private int _entered;

    public void Enter()
    {
        if (IsTaken) throw new InvalidOperationException("The lock is taken already; the real one would hang.");
        IsTaken = true;
        _entered++;
    }

    public void Exit()
    {
        if (!IsTaken) throw new InvalidOperationException("The lock is not taken.");
        IsTaken = false;
    }
}
