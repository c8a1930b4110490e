namespace Pocketvisor.Keeper.Devices;

/// <summary>Arm's real-time clock (DDI 0224, "PrimeCell Real Time Clock (PL031)"): counts seconds, with one alarm.</summary>
public sealed class Pl031 : PrimeCell
{
    private readonly Clock _clock;
    private readonly InterruptLine _line;

    private uint _offset; // of the guest's time from the wall clock; wraps as the counter does
    private uint _loaded;
    private uint _match;
    private bool _armed, _enabled, _raised;

    public Pl031(Clock clock, InterruptLine line)
    {
        _clock = clock;
        _line = line;
    }

    private enum Register : uint
    {
        Data = 0x00,              // RTCDR
        Match = 0x04,             // RTCMR
        Load = 0x08,              // RTCLR
        Control = 0x0C,           // RTCCR
        InterruptMask = 0x10,     // RTCIMSC
        RawInterrupt = 0x14,      // RTCRIS
        MaskedInterrupt = 0x18,   // RTCMIS
        InterruptClear = 0x1C,    // RTCICR
    }

    protected override uint PeripheralId => 0x0014_1031;

    private uint Now => _clock.Seconds + _offset;

    public override void Reset()
    {
        _offset = _loaded = _match = 0;
        _armed = _enabled = _raised = false;
        _line.Set(false);
    }

    /// <summary>Raises the alarm when its time has come. About once a second is often enough.</summary>
    public void Tick()
    {
        if (_armed && (int)(Now - _match) >= 0)
        {
            _armed = false;
            _raised = true;
        }

        _line.Set(_raised && _enabled);
    }

    protected override uint ReadRegister(uint offset)
    {
        Tick();
        return (Register)offset switch
        {
            Register.Data => Now,
            Register.Match => _match,
            Register.Load => _loaded,
            Register.Control => 1, // runs, always
            Register.InterruptMask => _enabled ? 1u : 0,
            Register.RawInterrupt => _raised ? 1u : 0,
            Register.MaskedInterrupt => _raised && _enabled ? 1u : 0,
            _ => 0,
        };
    }

    protected override void WriteRegister(uint offset, uint value)
    {
        switch ((Register)offset)
        {
            case Register.Match:
                _match = value;
                _armed = true;
                break;

            case Register.Load:
                _loaded = value;
                _offset = value - _clock.Seconds;
                break;

            case Register.InterruptMask:
                _enabled = (value & 1) != 0;
                break;

            case Register.InterruptClear:
                if ((value & 1) != 0) _raised = false;
                break;
        }

        Tick();
    }
}
