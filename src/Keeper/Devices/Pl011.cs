using System;

namespace Pocketvisor.Keeper.Devices;

/// <summary>
/// Arm's UART (DDI 0183, "PrimeCell UART (PL011)"), as guests find it on QEMU's virt machine. It transmits at once, so its
/// transmit FIFO is always empty; and it works before it is enabled, because early consoles don't enable it.
/// </summary>
public sealed class Pl011 : PrimeCell
{
    private const int FifoDepth = 16; // of this revision; 32 from r1p5 on

    // More than the FIFO: as if the rest were still on the wire, so that pasted text is not lost.
    private const int InputBytes = 8 * 1024;

    private readonly ProfileConsole _console;
    private readonly InterruptLine _line;
    private readonly ByteRing _input = new(InputBytes);
    private readonly byte[] _one = new byte[1];

    private uint _irdaDivisor, _integerDivisor, _fractionalDivisor, _lineControl, _control, _fifoLevels, _dmaControl;
    private Interrupts _enabled;
    private Interrupts _latched; // without the receive interrupts, which follow the FIFO

    public Pl011(ProfileConsole console, InterruptLine line)
    {
        _console = console;
        _line = line;
        Reset();
    }

    private enum Register : uint
    {
        Data = 0x00,                // UARTDR
        ReceiveStatus = 0x04,       // UARTRSR, UARTECR
        Flags = 0x18,               // UARTFR
        IrdaDivisor = 0x20,         // UARTILPR
        IntegerDivisor = 0x24,      // UARTIBRD
        FractionalDivisor = 0x28,   // UARTFBRD
        LineControl = 0x2C,         // UARTLCR_H
        Control = 0x30,             // UARTCR
        FifoLevels = 0x34,          // UARTIFLS
        InterruptMask = 0x38,       // UARTIMSC
        RawInterrupts = 0x3C,       // UARTRIS
        MaskedInterrupts = 0x40,    // UARTMIS
        InterruptClear = 0x44,      // UARTICR
        DmaControl = 0x48,          // UARTDMACR
    }

    [Flags]
    private enum Flags : uint
    {
        ReceiveEmpty = 1 << 4,  // RXFE
        ReceiveFull = 1 << 6,   // RXFF
        TransmitEmpty = 1 << 7, // TXFE
    }

    [Flags]
    private enum Interrupts : uint
    {
        None = 0,
        Receive = 1 << 4,        // RX
        Transmit = 1 << 5,       // TX
        ReceiveTimeout = 1 << 6, // RT
        All = 0x7FF,
    }

    protected override uint PeripheralId => 0x0014_1011;

    private int Depth => (_lineControl & 0x10) != 0 ? FifoDepth : 1; // FEN

    private bool Loopback => (_control & 0x80) != 0; // LBE

    /// <summary>
    /// Both receive interrupts stand as long as a byte waits, whatever the trigger level: the timeout that would tell of the bytes
    /// below it has always just passed.
    /// </summary>
    private Interrupts Raw => _input.Count == 0 ? _latched : _latched | Interrupts.Receive | Interrupts.ReceiveTimeout;

    public override void Reset()
    {
        _irdaDivisor = _integerDivisor = _fractionalDivisor = _lineControl = _dmaControl = 0;
        _control = 0x300;   // TXE, RXE
        _fifoLevels = 0x12; // half full, both
        _enabled = _latched = Interrupts.None;
        _input.Clear();
        Update();
    }

    /// <summary>Bytes arrive on the wire.</summary>
    /// <returns>How many there was room for.</returns>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        int n = _input.Write(bytes);
        Update();
        return n;
    }

    protected override uint ReadRegister(uint offset)
    {
        switch ((Register)offset)
        {
            case Register.Data:
                int value = _input.ReadByte();
                Update();
                return value < 0 ? 0 : (uint)value;

            case Register.Flags:
                Flags flags = Flags.TransmitEmpty;
                if (_input.Count == 0) flags |= Flags.ReceiveEmpty;
                if (_input.Count >= Depth) flags |= Flags.ReceiveFull;
                return (uint)flags;

            case Register.IrdaDivisor: return _irdaDivisor;
            case Register.IntegerDivisor: return _integerDivisor;
            case Register.FractionalDivisor: return _fractionalDivisor;
            case Register.LineControl: return _lineControl;
            case Register.Control: return _control;
            case Register.FifoLevels: return _fifoLevels;
            case Register.InterruptMask: return (uint)_enabled;
            case Register.RawInterrupts: return (uint)Raw;
            case Register.MaskedInterrupts: return (uint)(Raw & _enabled);
            case Register.DmaControl: return _dmaControl;
            default: return 0; // ReceiveStatus among them: no errors on this wire
        }
    }

    protected override void WriteRegister(uint offset, uint value)
    {
        switch ((Register)offset)
        {
            case Register.Data:
                Transmit((byte)value);
                break;

            case Register.IrdaDivisor: _irdaDivisor = value & 0xFF; break;
            case Register.IntegerDivisor: _integerDivisor = value & 0xFFFF; break;
            case Register.FractionalDivisor: _fractionalDivisor = value & 0x3F; break;
            case Register.LineControl: _lineControl = value & 0xFF; break;
            case Register.Control: _control = value & 0xFF87; break;
            case Register.FifoLevels: _fifoLevels = value & 0x3F; break;
            case Register.InterruptMask: _enabled = (Interrupts)value & Interrupts.All; break;
            case Register.InterruptClear: _latched &= ~(Interrupts)value; break;
            case Register.DmaControl: _dmaControl = value & 7; break;
            default: return;
        }

        Update();
    }

    private void Transmit(byte value)
    {
        _one[0] = value;
        if (Loopback) _input.Write(_one);
        else _console.Output(_one);

        // The FIFO filled and drained within this write, so it has passed its trigger level.
        _latched |= Interrupts.Transmit;
    }

    private void Update() => _line.Set((Raw & _enabled) != 0);
}
