namespace Pocketvisor.Keeper.Devices;

/// <summary>
/// Arm's general-purpose I/O (DDI 0190, "PrimeCell General Purpose Input/Output (PL061)"): eight lines, of which line 3 is the
/// handset's power button, as on QEMU's virt machine.
/// </summary>
public sealed class Pl061 : PrimeCell
{
    public const int PowerButton = 3;

    private readonly InterruptLine _line;

    private uint _inputs;  // what comes from outside
    private uint _outputs; // what the guest drives, where the direction says so
    private uint _direction, _levelSensitive, _bothEdges, _risingOrHigh, _enabled, _alternate;
    private uint _edges;   // latched

    public Pl061(InterruptLine line) => _line = line;

    private enum Register : uint
    {
        Direction = 0x400,        // GPIODIR
        Sense = 0x404,            // GPIOIS
        BothEdges = 0x408,        // GPIOIBE
        Event = 0x40C,            // GPIOIEV
        InterruptMask = 0x410,    // GPIOIE
        RawInterrupts = 0x414,    // GPIORIS
        MaskedInterrupts = 0x418, // GPIOMIS
        InterruptClear = 0x41C,   // GPIOIC
        AlternateFunction = 0x420, // GPIOAFSEL
    }

    protected override uint PeripheralId => 0x0004_1061;

    private uint Lines => (_inputs & ~_direction) | (_outputs & _direction);

    private uint Raw => (_edges & ~_levelSensitive) | (~(Lines ^ _risingOrHigh) & _levelSensitive & 0xFF);

    public override void Reset()
    {
        _inputs = _outputs = _direction = _levelSensitive = _bothEdges = _risingOrHigh = _enabled = _alternate = _edges = 0;
        Update();
    }

    /// <summary>A line from outside changes its level.</summary>
    public void Drive(int line, bool level)
    {
        uint before = Lines;
        uint mask = 1u << line;
        _inputs = level ? _inputs | mask : _inputs & ~mask;
        Latch(before);
        Update();
    }

    protected override uint ReadRegister(uint offset)
    {
        // GPIODATA is 256 registers: bits [9:2] of the address choose the lines that take part.
        if (offset < 0x400) return Lines & (offset >> 2);
        return (Register)offset switch
        {
            Register.Direction => _direction,
            Register.Sense => _levelSensitive,
            Register.BothEdges => _bothEdges,
            Register.Event => _risingOrHigh,
            Register.InterruptMask => _enabled,
            Register.RawInterrupts => Raw,
            Register.MaskedInterrupts => Raw & _enabled,
            Register.AlternateFunction => _alternate,
            _ => 0,
        };
    }

    protected override void WriteRegister(uint offset, uint value)
    {
        uint before = Lines;
        value &= 0xFF;
        if (offset < 0x400)
        {
            uint mask = (offset >> 2) & _direction;
            _outputs = (_outputs & ~mask) | (value & mask);
        }
        else
        {
            switch ((Register)offset)
            {
                case Register.Direction: _direction = value; break;
                case Register.Sense: _levelSensitive = value; break;
                case Register.BothEdges: _bothEdges = value; break;
                case Register.Event: _risingOrHigh = value; break;
                case Register.InterruptMask: _enabled = value; break;
                case Register.InterruptClear: _edges &= ~value; break;
                case Register.AlternateFunction: _alternate = value; break;
            }
        }

        Latch(before);
        Update();
    }

    private void Latch(uint before)
    {
        uint changed = before ^ Lines;
        uint wanted = _bothEdges | ~(Lines ^ _risingOrHigh);
        _edges |= changed & wanted & ~_levelSensitive & 0xFF;
    }

    private void Update() => _line.Set((Raw & _enabled) != 0);
}
