using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Link;

/// <summary>Payload of <see cref="LinkFrameType.OwnersReply"/>: who owns the handset's pages. A view on its bytes.</summary>
public readonly ref struct LinkOwnersReply
{
    public const int Bytes = 40;

    private readonly Span<byte> _bytes;

    public LinkOwnersReply(Span<byte> bytes) => _bytes = bytes.Slice(0, Bytes);

    public ulong KeeperPages
    {
        get => LittleEndian.ReadU64(_bytes, 0);
        set => LittleEndian.WriteU64(_bytes, 0, value);
    }

    public ulong LentPages
    {
        get => LittleEndian.ReadU64(_bytes, 8);
        set => LittleEndian.WriteU64(_bytes, 8, value);
    }

    public ulong HypervisorPages
    {
        get => LittleEndian.ReadU64(_bytes, 16);
        set => LittleEndian.WriteU64(_bytes, 16, value);
    }

    /// <summary>FNV-1a over (page index, state, VM) of the whole table.</summary>
    public ulong Digest
    {
        get => LittleEndian.ReadU64(_bytes, 24);
        set => LittleEndian.WriteU64(_bytes, 24, value);
    }

    /// <summary>Those of the keeper's that it would give to the next profile.</summary>
    public ulong FreePages
    {
        get => LittleEndian.ReadU64(_bytes, 32);
        set => LittleEndian.WriteU64(_bytes, 32, value);
    }
}
