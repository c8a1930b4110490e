namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>A buffer of a descriptor chain, copied and checked: it lies in the guest's memory.</summary>
public struct ChainBuffer
{
    /// <summary>As the guest sees it.</summary>
    public ulong Address;

    public int Length;

    /// <summary>The device writes it, and does not read it.</summary>
    public bool Writable;
}
