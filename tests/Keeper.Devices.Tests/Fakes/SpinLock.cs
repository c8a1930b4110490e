using System;

namespace Pocketvisor.Keeper.Machine;

/// <summary>Unlike the real one it does not wait: on one thread, a lock that is taken stays taken.</summary>
public struct SpinLock
{
    private bool _taken;

    public void Enter()
    {
        if (_taken) throw new InvalidOperationException("The lock is taken already; the real one would hang.");
        _taken = true;
    }

    public void Exit()
    {
        if (!_taken) throw new InvalidOperationException("The lock is not taken.");
        _taken = false;
    }
}
