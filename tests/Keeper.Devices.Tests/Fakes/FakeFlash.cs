using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Pocketvisor.Keeper.Drivers;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>
/// The handset's virtio-blk device, which takes requests when it is notified and does them when a test says so. It shares no code with
/// our own devices, and throws where it would touch memory or sectors that it must not.
/// </summary>
public sealed class FakeFlash(int sectors) : MmioBus
{
    public const ulong SegMax = 1 << 2, ReadOnly = 1 << 5, Flush = 1 << 9, Discard = 1 << 13, WriteZeroes = 1 << 14, Indirect = 1 << 28, EventIndex = 1 << 29, Version1 = 1UL << 32;

    private readonly List<(ulong Address, byte[] Bytes)> _memories = [];
    private readonly byte[] _config = new byte[60];
    private ulong _accepted, _table, _driverArea, _deviceArea;
    private uint _featureSelect, _status, _queueSize;
    private ushort _nextAvailable, _nextUsed;
    private bool _ready;

    public byte[] Disk { get; } = new byte[sectors * 512];

    public ulong Features { get; set; } = SegMax | Flush | Discard | WriteZeroes | Indirect | EventIndex | Version1;

    public uint DeviceId { get; set; } = 2;

    /// <summary>Taken and not done.</summary>
    public List<FlashRequest> Pending { get; } = [];

    /// <summary>Done, since the list was last cleared.</summary>
    public List<FlashRequest> Done { get; } = [];

    /// <summary>Whether requests are done as soon as they are taken.</summary>
    public bool Eager { get; set; }

    /// <summary>Does not look at what is offered.</summary>
    public bool Deaf { get; set; }

    /// <summary>A reset does not come to its end.</summary>
    public bool IgnoresReset { get; set; }

    /// <summary>What it answers; 0 is success, and anything else does nothing first.</summary>
    public Func<FlashRequest, byte> Answer { get; set; } = _ => 0;

    /// <summary>Which sectors a request may touch.</summary>
    public Func<FlashRequest, bool> Allowed { get; set; } = _ => true;

    public uint Interrupts { get; private set; }

    public int RaisedInterrupts { get; private set; }

    public int Notifications { get; private set; }

    public int Resets { get; private set; }

    public FakeFlash With(ArrayMemory memory)
    {
        _memories.Add((memory.DeviceAddress(memory.Address), memory.Bytes));
        return this;
    }

    public void SetConfig(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_config.AsSpan(offset), value);

    public override uint Read32(uint offset) => offset switch
    {
        0x00 => 0x7472_6976,
        0x04 => 2,
        0x08 => DeviceId,
        0x10 => (uint)(Features >> (int)(32 * _featureSelect)),
        0x34 => 256,
        0x44 => _ready ? 1u : 0,
        0x60 => Interrupts,
        0x70 => _status,
        0x100 => (uint)sectors,
        0x10C => BinaryPrimitives.ReadUInt32LittleEndian(_config.AsSpan(12)) is uint max and not 0 ? max : 254,
        0x124 or 0x130 => BinaryPrimitives.ReadUInt32LittleEndian(_config.AsSpan((int)offset - 0x100)) is uint max and not 0 ? max : 0x3F_FFFF,
        _ => 0,
    };

    public override void Write32(uint offset, uint value)
    {
        switch (offset)
        {
            case 0x14 or 0x24: _featureSelect = value; break;
            case 0x20 when _featureSelect == 0: _accepted = (_accepted & ~0xFFFF_FFFFUL) | value; break;
            case 0x20: _accepted = (_accepted & 0xFFFF_FFFF) | (ulong)value << 32; break;
            case 0x38: _queueSize = value; break;
            case 0x44: _ready = value == 1; break;
            case 0x50: Notifications++; Take(); break;
            case 0x64: Interrupts &= ~value; break;
            case 0x70: SetStatus(value); break;
            case 0x80: _table = (_table & ~0xFFFF_FFFFUL) | value; break;
            case 0x84: _table = (_table & 0xFFFF_FFFF) | (ulong)value << 32; break;
            case 0x90: _driverArea = (_driverArea & ~0xFFFF_FFFFUL) | value; break;
            case 0x94: _driverArea = (_driverArea & 0xFFFF_FFFF) | (ulong)value << 32; break;
            case 0xA0: _deviceArea = (_deviceArea & ~0xFFFF_FFFFUL) | value; break;
            case 0xA4: _deviceArea = (_deviceArea & 0xFFFF_FFFF) | (ulong)value << 32; break;
        }
    }

    /// <summary>Does one of the pending requests.</summary>
    public void Serve(int index = 0)
    {
        FlashRequest request = Pending[index];
        Pending.RemoveAt(index);
        byte status = Answer(request);
        if (status == 0) Do(request);
        Done.Add(request);
        At(request.StatusAddress, 1)[0] = status;
        Use(request.Head, 1);
    }

    public void ServeAll()
    {
        while (Pending.Count != 0) Serve();
    }

    /// <summary>Puts something into the used ring, true or not.</summary>
    public void Use(uint id, uint length)
    {
        Span<byte> area = At(_deviceArea, 6 + 8 * (int)_queueSize);
        int slot = 4 + 8 * (int)(_nextUsed % _queueSize);
        BinaryPrimitives.WriteUInt32LittleEndian(area[slot..], id);
        BinaryPrimitives.WriteUInt32LittleEndian(area[(slot + 4)..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(area[2..], ++_nextUsed);

        Span<byte> driver = At(_driverArea, 6 + 2 * (int)_queueSize);
        bool wanted = (_accepted & EventIndex) != 0
            ? BinaryPrimitives.ReadUInt16LittleEndian(driver[(4 + 2 * (int)_queueSize)..]) == (ushort)(_nextUsed - 1)
            : (driver[0] & 1) == 0;
        if (!wanted) return;
        Interrupts |= 1;
        RaisedInterrupts++;
    }

    /// <summary>Whether something under way would touch this memory.</summary>
    public bool Touches(ArrayMemory memory) => Pending.Exists(r => r.Touches(memory));

    private void SetStatus(uint value)
    {
        if (value != 0)
        {
            _status = value;
            return;
        }

        Resets++;
        if (IgnoresReset) return;
        _status = Interrupts = 0;
        _nextAvailable = _nextUsed = 0;
        _ready = false;
        Pending.Clear();
    }

    private void Take()
    {
        if (Deaf || !_ready || (_status & 4) == 0) return;
        Span<byte> area = At(_driverArea, 6 + 2 * (int)_queueSize);
        while (_nextAvailable != BinaryPrimitives.ReadUInt16LittleEndian(area[2..]))
        {
            ushort head = BinaryPrimitives.ReadUInt16LittleEndian(area[(4 + 2 * (int)(_nextAvailable++ % _queueSize))..]);
            Pending.Add(Understand(head));
            if (Eager) Serve(Pending.Count - 1);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(At(_deviceArea, 6 + 8 * (int)_queueSize)[(4 + 8 * (int)_queueSize)..], _nextAvailable);
    }

    private FlashRequest Understand(ushort head)
    {
        (ulong table, uint bytes, ushort flags, _) = Descriptor(_table, head);
        if (flags != 4) throw new InvalidOperationException("Every request is an indirect table.");
        List<(ulong Address, int Length)> data = [];
        bool writes = false, dataWrites = false, mixed = false;
        long total = 0;
        for (int i = 0; ;)
        {
            if (i >= bytes / 16) throw new InvalidOperationException("The chain leaves its table.");
            (ulong address, uint length, ushort f, ushort next) = Descriptor(table, i);
            if (writes && (f & 2) == 0) throw new InvalidOperationException("Readable behind writable.");
            if (length == 0) throw new InvalidOperationException("An empty buffer.");
            mixed |= data.Count > 1 && (f & 1) != 0 && writes != ((f & 2) != 0);
            writes = (f & 2) != 0;
            if (data.Count == 1) dataWrites = writes;
            data.Add((address, (int)length));
            total += length;
            if ((f & 1) == 0) break;
            i = next;
        }

        (ulong headerAt, int headerBytes) = data[0];
        (ulong statusAt, int statusBytes) = data[^1];
        if (headerBytes != 16 || statusBytes != 1 || !writes) throw new InvalidOperationException("Header and status.");
        data.RemoveAt(data.Count - 1);
        data.RemoveAt(0);
        total -= 17;
        if (data.Count > 254) throw new InvalidOperationException("Too many segments.");
        Span<byte> header = At(headerAt, 16);
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
        ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        uint rangeFlags = 0;
        if (type is 11 or 13)
        {
            if (total != 16) throw new InvalidOperationException("One range.");
            Span<byte> range = At(data[0].Address, 16);
            sector = BinaryPrimitives.ReadUInt64LittleEndian(range);
            total = 512L * BinaryPrimitives.ReadUInt32LittleEndian(range[8..]);
            rangeFlags = BinaryPrimitives.ReadUInt32LittleEndian(range[12..]);
            data = [];
        }
        else if (type is 0 or 1)
        {
            if (data.Count == 0 || mixed || dataWrites != (type == 0)) throw new InvalidOperationException("The wrong direction.");
        }
        else if (type != 4 || total != 0)
        {
            throw new InvalidOperationException("An unknown request.");
        }

        if (total % 512 != 0) throw new InvalidOperationException("Not whole sectors.");
        if (type != 4 && (sector > (ulong)sectors || (ulong)(total / 512) > (ulong)sectors - sector)) throw new InvalidOperationException("Sectors that are not there.");
        foreach ((ulong address, int length) in data) At(address, length); // throws
        FlashRequest request = new() { Head = head, Type = type, Sector = sector, Length = total, Flags = rangeFlags, Data = data, StatusAddress = statusAt };
        if (type != 4 && !Allowed(request)) throw new InvalidOperationException("Sectors that are not the guest's.");
        return request;
    }

    private void Do(FlashRequest request)
    {
        if (request.Type == 4) return;
        Span<byte> disk = Disk.AsSpan((int)request.Sector * 512, (int)request.Length);
        if (request.Type is 11 or 13) disk.Clear();
        foreach ((ulong address, int length) in request.Data)
        {
            Span<byte> memory = At(address, length);
            if (request.Type == 0) disk[..length].CopyTo(memory);
            else memory.CopyTo(disk);
            disk = disk[length..];
        }
    }

    private (ulong Address, uint Length, ushort Flags, ushort Next) Descriptor(ulong table, int index)
    {
        Span<byte> d = At(table + 16 * (ulong)index, 16);
        return (BinaryPrimitives.ReadUInt64LittleEndian(d), BinaryPrimitives.ReadUInt32LittleEndian(d[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(d[12..]), BinaryPrimitives.ReadUInt16LittleEndian(d[14..]));
    }

    private Span<byte> At(ulong address, int length)
    {
        foreach ((ulong start, byte[] bytes) in _memories)
        {
            ulong offset = address - start;
            if (offset < (ulong)bytes.Length && (ulong)length <= (ulong)bytes.Length - offset) return bytes.AsSpan((int)offset, length);
        }

        throw new InvalidOperationException("Memory that is not the device's.");
    }
}
