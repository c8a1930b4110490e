using System;
using System.Buffers.Binary;
using Pocketvisor.Keeper.Devices;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A guest's virtio driver that does what a test says, mistakes included. It shares no code with the devices or our own drivers.</summary>
public sealed class MockDriver(MmioDevice device, ArrayMemory memory)
{
    public const int QueueSize = 8;

    private readonly ushort[] _available = new ushort[8];

    public ulong Table(int queue) => memory.Address + 0x1000 * (ulong)queue;

    public ulong DriverArea(int queue) => Table(queue) + 0x400;

    public ulong DeviceArea(int queue) => Table(queue) + 0x800;

    public ulong Data => memory.Address + 0x4000;

    public uint Register(uint offset) => (uint)device.Read(offset, 4);

    public void Register(uint offset, uint value) => device.Write(offset, 4, value);

    /// <summary>The whole initialisation of virtio 1.2, "Driver Requirements: Device Initialization".</summary>
    public MockDriver Start(int queues, ulong features = 0)
    {
        Negotiate(features | 1UL << 32);
        for (int i = 0; i < queues; i++) SetUp(i);
        Register(0x70, 15);
        return this;
    }

    public void Negotiate(ulong features)
    {
        Register(0x70, 0);
        Register(0x70, 1);
        Register(0x70, 3);
        Register(0x24, 0);
        Register(0x20, (uint)features);
        Register(0x24, 1);
        Register(0x20, (uint)(features >> 32));
        Register(0x70, 11);
    }

    public void SetUp(int queue, uint size = QueueSize)
    {
        memory.Slice(Table(queue), 0x1000).Clear();
        Configure(queue, size, Table(queue), DriverArea(queue), DeviceArea(queue));
        Register(0x44, 1);
    }

    public void Configure(int queue, uint size, ulong table, ulong driverArea, ulong deviceArea)
    {
        Register(0x30, (uint)queue);
        Register(0x38, size);
        Register(0x80, (uint)table);
        Register(0x84, (uint)(table >> 32));
        Register(0x90, (uint)driverArea);
        Register(0x94, (uint)(driverArea >> 32));
        Register(0xA0, (uint)deviceArea);
        Register(0xA4, (uint)(deviceArea >> 32));
    }

    public void Descriptor(int queue, int index, ulong address, uint length, ushort flags, ushort next)
    {
        Span<byte> d = memory.Slice(Table(queue) + (ulong)(16 * index), 16);
        BinaryPrimitives.WriteUInt64LittleEndian(d, address);
        BinaryPrimitives.WriteUInt32LittleEndian(d[8..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(d[12..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(d[14..], next);
    }

    /// <summary>Puts a head into the ring, moves the index on, and by default notifies.</summary>
    public void Offer(int queue, ushort head, bool notify = true)
    {
        Span<byte> area = memory.Slice(DriverArea(queue), 4 + 2 * QueueSize);
        BinaryPrimitives.WriteUInt16LittleEndian(area[(4 + 2 * (_available[queue] % QueueSize))..], head);
        BinaryPrimitives.WriteUInt16LittleEndian(area[2..], ++_available[queue]);
        if (notify) Notify(queue);
    }

    public void Notify(int queue) => Register(0x50, (uint)queue);

    public void SetAvailableIndex(int queue, ushort index) => BinaryPrimitives.WriteUInt16LittleEndian(memory.Slice(DriverArea(queue), 4)[2..], index);

    public void SetNoInterrupt(int queue, bool on) => BinaryPrimitives.WriteUInt16LittleEndian(memory.Slice(DriverArea(queue), 4), (ushort)(on ? 1 : 0));

    public ushort UsedIndex(int queue) => BinaryPrimitives.ReadUInt16LittleEndian(memory.Slice(DeviceArea(queue), 4)[2..]);

    public (uint Id, uint Length) Used(int queue, int slot)
    {
        Span<byte> entry = memory.Slice(DeviceArea(queue) + 4 + (ulong)(8 * slot), 8);
        return (BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]));
    }
}
