using System;
using System.Collections.Generic;
using Pocketvisor.Flash;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A request as the handset's flash understood it.</summary>
public sealed class FlashRequest
{
    public ushort Head { get; init; }

    public uint Type { get; init; }

    public ulong Sector { get; init; }

    /// <summary>Bytes, or of a range sectors times 512.</summary>
    public long Length { get; init; }

    public uint Flags { get; init; }

    public List<(ulong Address, int Length)> Data { get; init; }

    public ulong StatusAddress { get; init; }

    public bool Touches(ArrayMemory memory) => Data.Exists(d => d.Address - memory.DeviceAddress(memory.Address) < memory.Size);

    /// <summary>Whether all of it lies in one of the extents.</summary>
    public bool IsIn(Extent[] extents) =>
        Array.Exists(extents, e => Sector >= e.Sector && Sector - e.Sector <= e.Sectors && (ulong)(Length / 512) <= e.Sectors - (Sector - e.Sector));
}
