namespace Pocketvisor.Keeper.Boot;

/// <summary>Registers of a device of the handset, and its interrupt.</summary>
public struct DeviceSlot
{
    public ulong Address, Size;

    /// <summary>INTID; 0 if it has none.</summary>
    public uint Interrupt;

    /// <summary>It fires on a rising edge, not as long as its line is high.</summary>
    public bool IsEdge;
}
