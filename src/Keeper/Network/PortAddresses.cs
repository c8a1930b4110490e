using System.Threading;
using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Keeper.Network;

/// <summary>
/// The addresses of this handset's profiles, one for each port of the switch. Core 0 changes them, any core looks. A port that
/// is closed keeps its address for a while, because what it sent last may still be sent back by the outside; but not for ever,
/// because its profile may move to another handset and be heard from there.
/// </summary>
public sealed class PortAddresses
{
    /// <summary>How long frames of a closed port may be on their way; in nanoseconds. Access points keep some for stations that sleep.</summary>
    public const ulong Echo = 10_000_000_000;

    private const ulong Open = 1UL << 48;

    private readonly Clock _clock;
    private readonly ulong[] _ports;    // address, and whether the port is open; 0 if it never was
    private readonly ulong[] _closedAt; // nanoseconds; written before the word above

    public PortAddresses(int ports, Clock clock)
    {
        _clock = clock;
        _ports = new ulong[ports];
        _closedAt = new ulong[ports];
    }

    /// <summary>The address of a port that is open, or was.</summary>
    public MacAddress this[int port] => new(Volatile.Read(ref _ports[port]));

    public bool IsOpen(int port) => (Volatile.Read(ref _ports[port]) & Open) != 0;

    /// <summary>Gives a port its address. Core 0 only.</summary>
    /// <returns>False if it is no station's, or another open port has it.</returns>
    public bool TryOpen(int port, MacAddress address)
    {
        if (!address.IsUnicast || address.Bits == 0) return false;
        for (int i = 0; i < _ports.Length; i++)
            if (i != port && _ports[i] == (address.Bits | Open)) return false;
        Volatile.Write(ref _ports[port], address.Bits | Open);
        return true;
    }

    /// <summary>Core 0 only.</summary>
    public void Close(int port)
    {
        if (!IsOpen(port)) return;
        Volatile.Write(ref _closedAt[port], _clock.Nanoseconds);
        Volatile.Write(ref _ports[port], _ports[port] & ~Open);
    }

    /// <summary>Whether it is a profile's address.</summary>
    public bool Include(MacAddress address)
    {
        for (int i = 0; i < _ports.Length; i++)
        {
            ulong port = Volatile.Read(ref _ports[i]);
            if (port == (address.Bits | Open)) return true;
            if (port == address.Bits && port != 0 && _clock.Nanoseconds - Volatile.Read(ref _closedAt[i]) < Echo) return true;
        }

        return false;
    }
}
