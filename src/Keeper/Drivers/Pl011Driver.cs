using System;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>The handset's UART, for log lines only. Whoever booted us has set it up.</summary>
public sealed class Pl011Driver
{
    private const uint Data = 0x00, Flags = 0x18; // UARTDR, UARTFR
    private const uint TransmitFull = 1 << 5;     // TXFF

    // A UART that never drains, such as one without a clock, must not stop the handset.
    private const int Patience = 1_000_000;

    private readonly MmioBus _bus;

    public Pl011Driver(MmioBus bus) => _bus = bus;

    /// <summary>Sends bytes as they are, but a line's end as a terminal wants it. Waits for the UART.</summary>
    public void Write(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n') Put((byte)'\r');
            Put(text[i]);
        }
    }

    private void Put(byte value)
    {
        for (int i = 0; i < Patience && (_bus.Read32(Flags) & TransmitFull) != 0; i++)
        {
        }

        _bus.Write32(Data, value);
    }
}
