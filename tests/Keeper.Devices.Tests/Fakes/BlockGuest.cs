using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A guest's well-behaved driver of a disk, with many requests under way. It shares no code with our devices or drivers.</summary>
public sealed class BlockGuest
{
    public const ulong Indirect = 1UL << 28, EventIndex = 1UL << 29, Flush = 1 << 9, Version1 = 1UL << 32;

    private readonly MmioDevice _device;
    private readonly ArrayMemory _memory;
    private readonly ulong _features, _table, _driverArea, _deviceArea, _private;
    private readonly int _size;
    private readonly Stack<int> _free = new(); // descriptors
    private readonly List<int>[] _chains;
    private ushort _nextAvailable, _nextUsed, _told;

    /// <param name="rings">0x8000 bytes, and 0x1000 more for each entry.</param>
    public BlockGuest(MmioDevice device, ArrayMemory memory, ulong rings, int size, ulong features)
    {
        _device = device;
        _memory = memory;
        _features = features;
        _size = size;
        _table = rings;
        _driverArea = rings + 0x2000;
        _deviceArea = rings + 0x4000;
        _private = rings + 0x8000;
        _chains = new List<int>[size];
        for (int i = 0; i < size; i++) _free.Push(i);
        memory.Slice(rings, 0x8000).Clear();

        foreach ((uint offset, ulong value) in ((uint, ulong)[])
        [
            (0x70, 0), (0x70, 1), (0x70, 3), (0x24, 0), (0x20, (uint)features), (0x24, 1), (0x20, features >> 32), (0x70, 11),
            (0x30, 0), (0x38, (ulong)size), (0x80, (uint)_table), (0x84, _table >> 32), (0x90, (uint)_driverArea), (0x94, _driverArea >> 32),
            (0xA0, (uint)_deviceArea), (0xA4, _deviceArea >> 32), (0x44, 1), (0x70, 15),
        ])
            device.Write(offset, 4, value);
    }

    public int Notifications { get; private set; }

    /// <summary>Puts a request into the ring, without telling.</summary>
    /// <returns>Its head, or -1 if the table is full.</returns>
    public int Send(uint type, ulong sector, params (ulong Address, int Length)[] data)
    {
        bool indirect = (_features & Indirect) != 0;
        int count = data.Length + 2;
        if (_free.Count < (indirect ? 1 : count)) return -1;
        List<int> chain = [];
        for (int i = 0; i < (indirect ? 1 : count); i++) chain.Add(_free.Pop());
        int head = chain[0];
        _chains[head] = chain;

        ulong header = _private + 0x1000 * (ulong)head, status = header + 16, table = header + 64;
        BinaryPrimitives.WriteUInt32LittleEndian(_memory.Slice(header, 4), type);
        BinaryPrimitives.WriteUInt64LittleEndian(_memory.Slice(header + 8, 8), sector);
        _memory.Slice(status, 1)[0] = 0x77;
        for (int i = 0; i < count; i++)
        {
            (ulong address, int length) = i == 0 ? (header, 16) : i == count - 1 ? (status, 1) : data[i - 1];
            ushort write = (ushort)(i == count - 1 || i > 0 && type is 0 or 8 ? 2 : 0);
            int next = i == count - 1 ? 0 : indirect ? i + 1 : chain[i + 1];
            Descriptor(indirect ? table : _table, indirect ? i : chain[i], address, length, (ushort)(write | (i == count - 1 ? 0 : 1)), next);
        }

        if (indirect) Descriptor(_table, head, table, 16 * count, 4, 0);
        Span<byte> area = _memory.Slice(_driverArea, 6 + 2 * _size);
        BinaryPrimitives.WriteUInt16LittleEndian(area[(4 + 2 * (_nextAvailable % _size))..], (ushort)head);
        BinaryPrimitives.WriteUInt16LittleEndian(area[2..], ++_nextAvailable);
        return head;
    }

    /// <summary>Notifies, if the device wants that.</summary>
    public void Kick()
    {
        bool wanted = true;
        if ((_features & EventIndex) != 0)
        {
            ushort at = BinaryPrimitives.ReadUInt16LittleEndian(_memory.Slice(_deviceArea, 6 + 8 * _size)[(4 + 8 * _size)..]);
            wanted = (ushort)(_nextAvailable - at - 1) < (ushort)(_nextAvailable - _told);
        }

        _told = _nextAvailable;
        if (!wanted) return;
        Notifications++;
        _device.Write(0x50, 4, 0);
    }

    /// <summary>Takes back what is done: head, bytes written, status.</summary>
    public List<(int Head, uint Written, byte Status)> Take()
    {
        List<(int, uint, byte)> done = [];
        _device.Write(0x64, 4, (uint)_device.Read(0x60, 4));
        while (_nextUsed != BinaryPrimitives.ReadUInt16LittleEndian(_memory.Slice(_deviceArea, 4)[2..]))
        {
            Span<byte> entry = _memory.Slice(_deviceArea + 4 + (ulong)(8 * (_nextUsed++ % _size)), 8);
            int head = BinaryPrimitives.ReadInt32LittleEndian(entry);
            if (_chains[head] == null) throw new InvalidOperationException("A chain that the device does not have.");
            done.Add((head, BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), _memory.Slice(_private + 0x1000 * (ulong)head + 16, 1)[0]));
            foreach (int index in _chains[head]) _free.Push(index);
            _chains[head] = null;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_memory.Slice(_driverArea, 6 + 2 * _size)[(4 + 2 * _size)..], _nextUsed);
        return done;
    }

    private void Descriptor(ulong table, int index, ulong address, int length, ushort flags, int next)
    {
        Span<byte> d = _memory.Slice(table + 16 * (ulong)index, 16);
        BinaryPrimitives.WriteUInt64LittleEndian(d, address);
        BinaryPrimitives.WriteInt32LittleEndian(d[8..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(d[12..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(d[14..], (ushort)next);
    }
}
