using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Link;

/// <summary>Payload of <see cref="LinkFrameType.StoreEntry"/>: a profile on the flash. A view on its bytes.</summary>
public readonly ref struct LinkStoreEntry
{
    /// <summary>Without the name, which follows.</summary>
    public const int Bytes = 10;

    private readonly Span<byte> _bytes;

    public LinkStoreEntry(Span<byte> bytes) => _bytes = bytes;

    /// <summary>Of all its files.</summary>
    public ulong FileBytes
    {
        get => LittleEndian.ReadU64(_bytes, 0);
        set => LittleEndian.WriteU64(_bytes, 0, value);
    }

    public LinkStored Kind
    {
        get => (LinkStored)_bytes[8];
        set => _bytes[8] = (byte)value;
    }

    public bool IsRunning
    {
        get => _bytes[9] != 0;
        set => _bytes[9] = (byte)(value ? 1 : 0);
    }

    public ReadOnlySpan<byte> Name
    {
        get => _bytes.Slice(Bytes);
        set => value.CopyTo(_bytes.Slice(Bytes));
    }
}
