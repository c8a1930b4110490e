using Pocketvisor.Keeper.Drivers;

namespace Pocketvisor.Keeper.Machine;

/// <summary>The registers of one of the handset's devices.</summary>
public sealed class DeviceBus : MmioBus
{
    private readonly ulong _address;

    public DeviceBus(ulong address) => _address = address;

    public override uint Read32(uint offset) => DeviceMemory.Read32(_address + offset);
    public override void Write32(uint offset, uint value) => DeviceMemory.Write32(_address + offset, value);
}
