using System;
using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>Memory that is not zero at first.</summary>
public sealed class ArrayMemory : GuestMemory
{
    public ArrayMemory(ulong address, int size)
        : base(address, (ulong)size)
    {
        Bytes = new byte[size];
        Bytes.AsSpan().Fill(0xA5);
    }

    public byte[] Bytes { get; }

    protected override Span<byte> Window(ulong offset, int length) => Bytes.AsSpan((int)offset, length);
}
