using System;
using System.Buffers.Binary;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A page behind a cache: the guest sees what was cleaned.</summary>
public sealed class ArrayRegisterPage : RegisterPage
{
    private readonly byte[] _cached = new byte[Size], _memory = new byte[Size];

    protected override Span<byte> Bytes => _cached;

    /// <summary>What a guest reads there.</summary>
    public uint Read(int slot, uint register) => BinaryPrimitives.ReadUInt32LittleEndian(_memory.AsSpan(slot * (int)VirtioMmio.SlotSize + (int)register));

    /// <summary>The first register that a guest would not read as the device says it; null if there is none.</summary>
    public uint? FirstWrong(int slot, MmioDevice device)
    {
        for (uint register = 0; register < VirtioMmio.SlotSize; register += sizeof(uint))
            if (Read(slot, register) != (uint)device.Read(register, sizeof(uint))) return register;
        return null;
    }

    protected override void Clean(int offset, int bytes) => _cached.AsSpan(offset, bytes).CopyTo(_memory.AsSpan(offset));
}
