using Pocketvisor.Abi;

namespace Pocketvisor.Keeper.Devices;

/// <summary>The wires from a profile's devices to its interrupt controller, by number of the shared peripheral interrupt.</summary>
public abstract class ProfileInterrupts
{
    private readonly Wire[] _wires = new Wire[VirtualHandset.SpiCount];

    public InterruptLine Line(int spi) => _wires[spi] ??= new Wire(this, spi);

    /// <summary>All lines are low now, because the VM is a new one.</summary>
    public void Reset()
    {
        foreach (Wire wire in _wires) wire?.Reset();
    }

    /// <param name="spi">From 0; its INTID is VirtualHandset.FirstSpi more.</param>
    protected abstract void Drive(int spi, bool level);

    private sealed class Wire : InterruptLine
    {
        private readonly ProfileInterrupts _owner;
        private readonly int _spi;

        public Wire(ProfileInterrupts owner, int spi)
        {
            _owner = owner;
            _spi = spi;
        }

        protected override void Drive(bool level) => _owner.Drive(_spi, level);
    }
}
