namespace Pocketvisor.Keeper.Devices;

/// <summary>A device that a guest reaches by loads and stores. Its owner serialises the calls: devices know no locks.</summary>
public abstract class MmioDevice
{
    /// <param name="offset">From the device's base.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <returns>What the guest reads; bits above the size are ignored.</returns>
    public abstract ulong Read(uint offset, int size);

    /// <inheritdoc cref="Read"/>
    public abstract void Write(uint offset, int size, ulong value);

    /// <summary>Back to the state at power-on, for the next guest. Memory is never freed, so devices are reused, not replaced.</summary>
    public virtual void Reset()
    {
    }
}
