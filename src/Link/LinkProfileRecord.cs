using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Link;

/// <summary>A profile in <see cref="LinkFrameType.ListReply"/>. A view on its bytes.</summary>
public readonly ref struct LinkProfileRecord
{
    public const int Bytes = 96;
    public const int NameBytes = 32;

    /// <summary>Records start here in the payload, after the time.</summary>
    public const int First = 8;

    /// <summary>More do not fit into a frame.</summary>
    public const int MaxRecords = (LinkProtocol.MaxText - First) / Bytes;

    private readonly Span<byte> _bytes;

    public LinkProfileRecord(Span<byte> bytes) => _bytes = bytes.Slice(0, Bytes);

    public ushort Index
    {
        get => LittleEndian.ReadU16(_bytes, 0);
        set => LittleEndian.WriteU16(_bytes, 0, value);
    }

    public LinkProfileState State
    {
        get => (LinkProfileState)_bytes[2];
        set => _bytes[2] = (byte)value;
    }

    public byte Cores
    {
        get => _bytes[3];
        set => _bytes[3] = value;
    }

    public uint Weight
    {
        get => LittleEndian.ReadU32(_bytes, 4);
        set => LittleEndian.WriteU32(_bytes, 4, value);
    }

    /// <summary>Bytes.</summary>
    public ulong Memory
    {
        get => LittleEndian.ReadU64(_bytes, 8);
        set => LittleEndian.WriteU64(_bytes, 8, value);
    }

    /// <summary>Nanoseconds that its vCPUs ran, in sum.</summary>
    public ulong CpuTime
    {
        get => LittleEndian.ReadU64(_bytes, 16);
        set => LittleEndian.WriteU64(_bytes, 16, value);
    }

    /// <summary>Since it started.</summary>
    public ulong Exits
    {
        get => LittleEndian.ReadU64(_bytes, 24);
        set => LittleEndian.WriteU64(_bytes, 24, value);
    }

    /// <summary>Nanoseconds since its machine was made: what its own clock says, within microseconds.</summary>
    public ulong Uptime
    {
        get => LittleEndian.ReadU64(_bytes, 32);
        set => LittleEndian.WriteU64(_bytes, 32, value);
    }

    /// <summary>UTF-8, at most <see cref="NameBytes"/>; longer names are cut.</summary>
    public ReadOnlySpan<byte> Name
    {
        get
        {
            ReadOnlySpan<byte> name = _bytes.Slice(40, NameBytes);
            int n = 0;
            while (n < NameBytes && name[n] != 0) n++;
            return name.Slice(0, n);
        }

        set
        {
            Span<byte> name = _bytes.Slice(40, NameBytes);
            name.Clear();
            value.Slice(0, Math.Min(value.Length, NameBytes)).CopyTo(name);
        }
    }

    // [95:72] reserved, 0
}
