using System;
using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>Memory that is not zero at first.</summary>
public sealed class ArrayMemory : GuestMemory
{
    public ArrayMemory(ulong address, int size)
        : this(address, size, (ulong)size)
    {
    }

    /// <param name="claimed">How large it says it is; only the first bytes are there.</param>
    public ArrayMemory(ulong address, int size, ulong claimed)
        : base(address, claimed)
    {
        Bytes = new byte[size];
        Bytes.AsSpan().Fill(0xA5);
    }

    public byte[] Bytes { get; }

    /// <summary>How much further up devices see it.</summary>
    public ulong DeviceOffset { get; init; }

    public override ulong DeviceAddress(ulong address) => address + DeviceOffset;

    protected override Span<byte> Window(ulong offset, int length) => Bytes.AsSpan((int)offset, length);
}
