using System;
using System.Collections.Generic;
using System.IO;

namespace Pocketvisor.Flash.Tests;

/// <summary>
/// A sparse device in memory. It fails the test on an access outside, remembers every write until it is told to forget, and can be told to
/// fail.
/// </summary>
public sealed class FakeDevice : BlockDevice
{
    private readonly Dictionary<ulong, byte[]> _sectors; // the arrays are never changed, so clones share them
    private readonly ulong _count;

    public FakeDevice(ulong sectors)
        : this(sectors, [])
    {
    }

    private FakeDevice(ulong sectors, Dictionary<ulong, byte[]> contents)
    {
        _count = sectors;
        _sectors = contents;
    }

    public override ulong Sectors => _count;

    /// <summary>Writes of a sector each, in order; null is a flush.</summary>
    public List<SectorWrite> Log { get; } = [];

    public bool Recording { get; set; }

    /// <summary>Writes and flushes that still succeed.</summary>
    public int FailAfter { get; set; } = int.MaxValue;

    /// <summary>A fresh volume from a file: mkfs.exfat writes to the first megabytes only.</summary>
    public static FakeDevice Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        FakeDevice device = new((ulong)file.Length / SectorBytes);
        byte[] buffer = new byte[16 << 20];
        int n = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        for (int i = 0; i < n; i += SectorBytes) device.Put((ulong)i / SectorBytes, buffer.AsSpan(i, SectorBytes));
        return device;
    }

    public void Save(string path)
    {
        using FileStream file = File.Create(path);
        file.SetLength((long)_count * SectorBytes);
        foreach ((ulong sector, byte[] bytes) in _sectors)
        {
            file.Position = (long)sector * SectorBytes;
            file.Write(bytes);
        }
    }

    public FakeDevice Clone() => new(_count, new Dictionary<ulong, byte[]>(_sectors));

    public ReadOnlySpan<byte> Peek(ulong sector)
    {
        Assert(sector, 1);
        return _sectors.TryGetValue(sector, out byte[] bytes) ? bytes : new byte[SectorBytes];
    }

    public void Put(ulong sector, ReadOnlySpan<byte> bytes)
    {
        Assert(sector, 1);
        if (bytes.IndexOfAnyExcept((byte)0) < 0) _sectors.Remove(sector);
        else _sectors[sector] = bytes.ToArray();
    }

    public byte this[ulong address]
    {
        get => Peek(address / SectorBytes)[(int)(address % SectorBytes)];
        set
        {
            byte[] bytes = Peek(address / SectorBytes).ToArray();
            bytes[address % SectorBytes] = value;
            Put(address / SectorBytes, bytes);
        }
    }

    public override bool TryRead(ulong sector, Span<byte> data)
    {
        Assert(sector, (ulong)data.Length / SectorBytes);
        if (data.Length % SectorBytes != 0) throw new InvalidOperationException("Not a multiple of sectors.");
        for (int i = 0; i < data.Length; i += SectorBytes) Peek(sector++).CopyTo(data[i..]);
        return true;
    }

    public override bool TryWrite(ulong sector, ReadOnlySpan<byte> data)
    {
        Assert(sector, (ulong)data.Length / SectorBytes);
        if (data.Length % SectorBytes != 0) throw new InvalidOperationException("Not a multiple of sectors.");
        if (!Count()) return false;
        for (int i = 0; i < data.Length; i += SectorBytes) Write(sector++, data.Slice(i, SectorBytes));
        return true;
    }

    public override bool TryZero(ulong sector, ulong count)
    {
        Assert(sector, count);
        if (!Count()) return false;
        byte[] zeros = new byte[SectorBytes];
        if (Recording)
        {
            for (; count > 0; count--) Write(sector++, zeros);
        }
        else if (count > (ulong)_sectors.Count)
        {
            foreach (ulong known in new List<ulong>(_sectors.Keys))
                if (known - sector < count) _sectors.Remove(known);
        }
        else
        {
            for (; count > 0; count--) _sectors.Remove(sector++);
        }
        return true;
    }

    public override bool TryFlush()
    {
        if (!Count()) return false;
        if (Recording) Log.Add(null);
        return true;
    }

    private bool Count() => FailAfter-- > 0;

    private void Write(ulong sector, ReadOnlySpan<byte> bytes)
    {
        if (Recording) Log.Add(new SectorWrite(sector, bytes.ToArray()));
        Put(sector, bytes);
    }

    private void Assert(ulong sector, ulong count)
    {
        if (count > _count || sector > _count - count) throw new InvalidOperationException($"Sectors {sector} to {sector + count} of {_count}.");
    }
}
