using Pocketvisor.Keeper.Boot;

namespace Pocketvisor.Keeper.Machine;

/// <summary>The handset's own registers, while nothing is below that hides any.</summary>
public readonly struct HandsetRegisters : IHandsetRegisters
{
    public static uint Read32(ulong address) => DeviceMemory.Read32(address);
    public static void Write32(ulong address, uint value) => DeviceMemory.Write32(address, value);
}
