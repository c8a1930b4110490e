namespace Pocketvisor.Keeper.Devices;

/// <summary>The wire from a device to the guest's interrupt controller; level-triggered.</summary>
public abstract class InterruptLine
{
    private bool _level;

    public bool Level => _level;

    /// <summary>Only a change costs a hypercall: devices may say the same level again and again.</summary>
    public void Set(bool level)
    {
        if (_level == level) return;
        _level = level;
        Drive(level);
    }

    /// <summary>The VM is gone and the lines of the next one are low: forget, and tell nobody.</summary>
    public void Reset() => _level = false;

    protected abstract void Drive(bool level);
}
