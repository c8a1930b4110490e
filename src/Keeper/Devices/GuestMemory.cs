using System;

namespace Pocketvisor.Keeper.Devices;

/// <summary>
/// The one contiguous range of memory that a device may access: a guest's RAM for the devices we emulate, the keeper's
/// buffers for the devices that we drive.
/// </summary>
public abstract class GuestMemory
{
    /// <param name="address">Where the device sees the first byte.</param>
    /// <param name="size">Bytes.</param>
    protected GuestMemory(ulong address, ulong size)
    {
        Address = address;
        Size = size;
    }

    public ulong Address { get; }

    /// <summary>Bytes.</summary>
    public ulong Size { get; protected set; }

    /// <summary>
    /// A window on memory that the other side may change at any moment: read each field once, with <see cref="Shared"/>, and check the copy.
    /// </summary>
    /// <returns>Empty where any byte lies outside, or the length is not positive.</returns>
    public Span<byte> Slice(ulong address, int length)
    {
        ulong offset = address - Address; // wraps for lower addresses, and is then beyond the size
        if (length <= 0 || offset >= Size || (ulong)length > Size - offset) return default;
        return Window(offset, length);
    }

    /// <summary>Whether a range of any length, empty ones included, lies inside.</summary>
    public bool Contains(ulong address, ulong length)
    {
        ulong offset = address - Address;
        return offset <= Size && length <= Size - offset;
    }

    /// <summary>Where the handset's devices find this memory: what a driver writes into descriptors. One range here is one range there.</summary>
    /// <param name="address">Has been checked.</param>
    public virtual ulong DeviceAddress(ulong address) => address;

    /// <summary>The range has been checked.</summary>
    protected abstract Span<byte> Window(ulong offset, int length);
}
