using System;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>
/// What a guest reads of its first eight virtio-mmio slots: a page that it sees but can't write. No register has a side effect when it is
/// read (virtio 1.2, "MMIO Device Register Layout"), so a read need not leave the guest; every write still does, and the device then shows
/// here what has become of its registers.
/// </summary>
/// <remarks>Written under the profile's lock, one register at a time, each whole: a guest may read meanwhile on another core.</remarks>
public abstract class RegisterPage
{
    public const int Size = 4096, Slots = Size / (int)VirtioMmio.SlotSize;

    /// <summary>Every slot is empty, until a device shows itself there.</summary>
    public void Reset()
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            for (uint register = 0; register < VirtioMmio.SlotSize; register += sizeof(uint)) Set(slot, register, (uint)EmptySlots.ReadRegister(register));
            Publish(slot, 0, (int)VirtioMmio.SlotSize);
        }
    }

    /// <summary>A register has another value. The guest may not see it before <see cref="Publish"/>.</summary>
    public void Set(int slot, uint register, uint value) => Shared.WriteU32(Bytes, At(slot, register), value);

    /// <summary>The guest sees these registers as they were set.</summary>
    public void Publish(int slot, uint register, int bytes) => Clean(At(slot, register), bytes);

    /// <summary>The page.</summary>
    protected abstract Span<byte> Bytes { get; }

    /// <summary>
    /// Writes caches back. The guest maps the page as device memory and reads past the caches, whatever the hypervisor says of it (Arm ARM,
    /// "Combining the stage 1 and stage 2 attributes").
    /// </summary>
    protected abstract void Clean(int offset, int bytes);

    private static int At(int slot, uint register) => slot * (int)VirtioMmio.SlotSize + (int)register;
}
