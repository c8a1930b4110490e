using System;

namespace Pocketvisor.Keeper.Devices;

/// <summary>
/// A device of Arm's PrimeCell family: 32-bit registers in a page whose last eight words say what it is, a byte each.
/// </summary>
public abstract class PrimeCell : MmioDevice
{
    /// <summary>Bytes of address space.</summary>
    public const uint PageSize = 0x1000;

    private const uint Identification = 0xFE0; // PeriphID0..3, PCellID0..3

    /// <summary>PeriphID0 to 3: part number, designer (0x41, Arm), revision.</summary>
    protected abstract uint PeripheralId { get; }

    /// <summary>Narrow accesses see their part of the register, as on the bus.</summary>
    public sealed override ulong Read(uint offset, int size)
    {
        uint register = offset & ~3u;
        uint value = register >= Identification ? Identify((int)(register - Identification) / 4) : ReadRegister(register);
        return value >> (int)(8 * (offset & 3));
    }

    public sealed override void Write(uint offset, int size, ulong value)
    {
        // Wider than a register: the bus would split it, and nobody does it. Bytes above the first: nothing to write there.
        if ((offset & 3) != 0 || size > 4 || offset >= Identification) return;
        uint mask = size == 4 ? 0xFFFF_FFFF : (1u << (8 * size)) - 1;
        WriteRegister(offset, (uint)value & mask);
    }

    /// <param name="offset">A multiple of 4.</param>
    protected abstract uint ReadRegister(uint offset);

    /// <inheritdoc cref="ReadRegister"/>
    protected abstract void WriteRegister(uint offset, uint value);

    private uint Identify(int index)
    {
        const uint cellId = 0xB105_F00D; // the same for all of the family
        uint id = index < 4 ? PeripheralId : cellId;
        return id >> (8 * (index & 3)) & 0xFF;
    }
}
