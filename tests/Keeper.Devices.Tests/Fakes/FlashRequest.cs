using System.Collections.Generic;

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
}
