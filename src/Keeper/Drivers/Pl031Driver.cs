namespace Pocketvisor.Keeper.Drivers;

/// <summary>The handset's real-time clock.</summary>
public sealed class Pl031Driver
{
    private const uint Data = 0x00; // RTCDR

    private readonly MmioBus _bus;

    public Pl031Driver(MmioBus bus) => _bus = bus;

    /// <summary>Seconds since 1970.</summary>
    public uint Seconds => _bus.Read32(Data);
}
