using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Link;

/// <summary>Payload of <see cref="LinkFrameType.HelloReply"/>: the handset in numbers. A view on its bytes.</summary>
public readonly ref struct LinkHelloReply
{
    public const int Bytes = 32;

    private readonly Span<byte> _bytes;

    public LinkHelloReply(Span<byte> bytes) => _bytes = bytes.Slice(0, Bytes);

    public uint Version
    {
        get => LittleEndian.ReadU32(_bytes, 0);
        set => LittleEndian.WriteU32(_bytes, 0, value);
    }

    public byte Cores
    {
        get => _bytes[4];
        set => _bytes[4] = value;
    }

    public byte Profiles
    {
        get => _bytes[5];
        set => _bytes[5] = value;
    }

    // [7:6] reserved, 0

    /// <summary>Of the handset, in bytes.</summary>
    public ulong Memory
    {
        get => LittleEndian.ReadU64(_bytes, 8);
        set => LittleEndian.WriteU64(_bytes, 8, value);
    }

    public ulong HypervisorBytes
    {
        get => LittleEndian.ReadU64(_bytes, 16);
        set => LittleEndian.WriteU64(_bytes, 16, value);
    }

    public ulong KeeperBytes
    {
        get => LittleEndian.ReadU64(_bytes, 24);
        set => LittleEndian.WriteU64(_bytes, 24, value);
    }
}
