using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Drivers;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>
/// A guest that scribbles over its rings and pokes its disk's registers at random, a neighbour that keeps to the rules, others that crowd
/// the flash, and a keeper that now and then resets or replaces the disk. After each operation it checks what must always hold.
/// </summary>
public sealed class DiskFuzzer
{
    private const int MemoryBytes = 0x1_0000, FlashSectors = 4096, NeighbourSectors = 500;
    private const ulong Base = 0x4000_0000;
    private const int DriverArea = 0x1000, DeviceArea = 0x1800, Tables = 0x2000, Headers = 0x3000, Data = 0x4000;
    private const uint NeedsReset = 64;
    private const int PageSlot = 5;

    private static readonly Extent[][] s_layouts =
    [
        [new(0, 200)],
        [new(700, 3), new(100, 1), new(710, 40), new(0, 8), new(900, 0), new(800, 90)],
        [new(4000, 96)], // to the last sector
        [],
    ];

    private static readonly Extent[] s_neighbour = [new(1000, 250), new(2000, 1), new(1250, 249)];
    private static readonly uint[] s_registers = [0x14, 0x20, 0x24, 0x30, 0x38, 0x44, 0x50, 0x64, 0x70, 0x80, 0x84, 0x90, 0x94, 0xA0, 0xA4, 0x100];
    private static readonly uint[] s_changing = [0x10, 0x34, 0x44, 0x60, 0x70];
    private static readonly ulong[] s_wild = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 47, 48, 64, 126, 127, 128, 129, 255, 512, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1UL << 32, 1UL << 55, ulong.MaxValue - 511, ulong.MaxValue];

    private readonly Random _random;
    private readonly ArrayMemory _memory = new(Base, MemoryBytes) { DeviceOffset = 0x9_0000_0000 };
    private readonly ArrayMemory _neighboursMemory = new(Base, 0x10_0000) { DeviceOffset = 0xA_0000_0000 };
    private readonly ArrayMemory _shared = new(0x7000_0000, VirtioBlockDriver.MemoryBytes);
    private readonly FakeInterrupts _interrupts = new();
    private readonly FakeFlash _flash = new(FlashSectors);
    private readonly ArrayRegisterPage _page = new();
    private readonly VirtioBlockDriver _driver;
    private readonly VirtioBlock _disk, _neighboursDisk;
    private readonly BlockClient[] _crowd = [new(), new()];
    private readonly int[] _collected = new int[BlockClient.MaxRequests];
    private readonly BlockGuest _neighbour;
    private readonly Dictionary<int, (bool Reads, int First, int Count)> _neighbourAsked = [];
    private readonly byte[] _neighboursBytes = new byte[NeighbourSectors * 512];
    private readonly byte[] _untouched;
    private Extent[] _extents;
    private bool _readOnly;
    private uint _size = 16;
    private ulong _features;
    private ushort _available;
    private int _next; // descriptor or table

    public DiskFuzzer(int seed)
        : this(new Random(seed))
    {
    }

    /// <param name="choices">What it does, and with what.</param>
    public DiskFuzzer(Random choices)
    {
        _random = choices;
        FakeClock clock = new() { Meanwhile = () => ServeOne() };
        _flash.With(_shared).With(_memory).With(_neighboursMemory);
        _flash.Allowed = IsAllowed;
        _random.NextBytes(_flash.Disk);
        _random.NextBytes(_memory.Bytes);
        _untouched = _flash.Disk.ToArray();
        _driver = VirtioBlockDriver.Start(_flash, _shared, clock);
        _disk = new VirtioBlock(_driver, _memory, _interrupts.Line(19));
        _disk.ShowOn(_page, PageSlot);
        _neighboursDisk = new VirtioBlock(_driver, _neighboursMemory, _interrupts.Line(20));
        if (!_neighboursDisk.Configure(s_neighbour, s_neighbour.Length, false, "neighbour"u8)) throw new FoundException("The neighbour gets no disk.");
        foreach (BlockClient client in _crowd) _driver.TryOpen(client);
        _neighbour = new BlockGuest(_neighboursDisk, _neighboursMemory, Base, 16, BlockGuest.Version1 | BlockGuest.Indirect | BlockGuest.EventIndex | BlockGuest.Flush);
        CopyNeighbour(_neighboursBytes);
        Replace();
    }

    /// <summary>The last operation.</summary>
    public string Last { get; private set; }

    /// <summary>Parts of the hostile guest's requests that moved data.</summary>
    public long Transfers { get; private set; }

    public long Resets { get; private set; }

    public void Step()
    {
        int dice = _random.Next(1000);
        switch (dice)
        {
            case < 350: Run("request", Request); break;
            case < 380: Run("descriptor", Scribble); break;
            case < 400: Run("bytes", ScribbleBytes); break;
            case < 530: Run("kick", () => _disk.Write(0x50, 4, 0)); break;
            case < 740: Run("serve", ServeOne); break;
            case < 870: Run("interrupt", TakeInterrupt); break;
            case < 885: Run("write register", WriteRegister); break;
            case < 910: Run("read register", () => _disk.Read((uint)_random.Next(0x200), 1 << _random.Next(4))); break;
            case < 940: Run("neighbour", Neighbour); break;
            case < 965: Run("crowd", Crowd); break;
            case < 975: Run("index", () => Write16(DriverArea + 2, _random.Next(4) == 0 ? (ushort)Wild() : ++_available)); break;
            case < 990: Run("start", Start); break;
            case < 995: Run("keeper resets", ResetByKeeper); break;
            default: Run("keeper replaces", Replace); break;
        }

        if (!_disk.IsLive && _random.Next(8) == 0) Run("start", Start);
        Check();
    }

    /// <summary>The dear ones: what nobody may have changed.</summary>
    public void CheckAll()
    {
        TakeInterrupt();
        for (int i = 0; i < 1000 && _flash.Pending.Count != 0; i++)
        {
            _flash.ServeAll();
            TakeInterrupt();
        }

        Demand(Counted == 0, "Something is under way that nobody will end.");
        Demand(_page.FirstWrong(PageSlot, _disk) is null, "The guest reads registers that the device does not have.");
        byte[] bytes = new byte[_neighboursBytes.Length];
        CopyNeighbour(bytes);
        Demand(bytes.AsSpan().SequenceEqual(_neighboursBytes), "The neighbour's disk changed.");
        for (int sector = 0; sector < FlashSectors; sector++)
        {
            if (!s_layouts.Append(s_neighbour).Any(layout => Array.Exists(layout, e => (ulong)sector - e.Sector < e.Sectors)))
                Demand(_flash.Disk.AsSpan(sector * 512, 512).SequenceEqual(_untouched.AsSpan(sector * 512, 512)), "A sector of nobody's changed.");
        }
    }

    private int Counted => _disk.InFlight + _neighboursDisk.InFlight + _crowd[0].InFlight + _crowd[1].InFlight;

    private void Run(string name, Action operation)
    {
        Last = name;
        operation();
    }

    private void Check()
    {
        // Each part that the flash has is counted by its owner until somebody has reaped it.
        Demand(Counted >= _flash.Pending.Count, "A part is under way that nobody counts.");
        foreach (uint register in s_changing) Demand(_page.Read(PageSlot, register) == (uint)_disk.Read(register, 4), "The guest reads an old register.");
        Demand(_disk.InFlight <= BlockClient.MaxRequests, "Too many parts are under way.");
        Demand(!_driver.IsBroken, "The flash was given up.");
    }

    private bool IsAllowed(FlashRequest request)
    {
        if (request.Touches(_neighboursMemory)) return request.IsIn(s_neighbour);
        if (request.Touches(_memory))
        {
            Transfers++;
            return request.IsIn(_extents) && !(_readOnly && request.Type == 1);
        }

        if (request.Data.Count != 0) return request.Type == 0; // the crowd's, which read into the shared memory
        return !_readOnly && request.IsIn(_extents);           // the neighbour discards nothing
    }

    private void ServeOne()
    {
        if (_flash.Pending.Count != 0) _flash.Serve(_random.Next(_flash.Pending.Count));
        _flash.Done.Clear();
    }

    private void TakeInterrupt()
    {
        _driver.Reap();
        _driver.Listen();
        Demand(Counted == _flash.Pending.Count, "What is under way was counted wrongly.");
        if (_disk.HasCompleted) _disk.Complete();
        if (_neighboursDisk.HasCompleted) _neighboursDisk.Complete();
        foreach (BlockClient client in _crowd) _driver.Collect(client, _collected);
        Listen();
    }

    // A request that is right, but for at most a detail.
    private void Request()
    {
        ushort used = BinaryPrimitives.ReadUInt16LittleEndian(_memory.Bytes.AsSpan(DeviceArea + 2));
        if ((ushort)(_available - used) >= _size && _random.Next(100) != 0) return; // full
        int header = Headers + 32 * _random.Next(32), count = _random.Next(1, 6), first = _next % (int)_size;
        uint type = _random.Next(12) switch { < 5 => 0, < 8 => 1, 8 => 4, 9 => 8, 10 => 11, _ => 13 };
        ulong diskSectors = 0;
        foreach (Extent extent in _extents) diskSectors += extent.Sectors;
        Write32(header, type);
        Write64(header + 8, (ulong)_random.Next((int)diskSectors + 2));
        bool indirect = (_features & BlockGuest.Indirect) != 0 ? _random.Next(2) == 0 : _random.Next(100) == 0;
        int table = indirect ? Tables + 0x80 * (_next % 24) : 0, at = indirect ? 0 : first, limit = indirect ? 8 : (int)_size;
        if (limit < count + 2) count = 1;
        _next += indirect ? 1 : count + 2;

        Descriptor(table, at, Base + (ulong)header, 16, 1, (at + 1) % limit);
        for (int i = 0; i < count; i++)
        {
            at = (at + 1) % limit;
            int data = Data + _random.Next(MemoryBytes - Data - 8192);
            uint length = type is 11 or 13 ? 16 : 512u * (uint)_random.Next(1, 8);
            if (type is 11 or 13)
            {
                Write64(data, (ulong)_random.Next((int)diskSectors + 2));
                Write32(data + 8, (uint)_random.Next(100));
                Write32(data + 12, (uint)_random.Next(3));
                count = 1;
            }

            Descriptor(table, at, Base + (ulong)data, length, type is 0 or 8 ? 3 : 1, (at + 1) % limit);
        }

        at = (at + 1) % limit;
        Descriptor(table, at, Base + (ulong)(header + 16), 1, 2, 0);
        if (indirect) Descriptor(0, first, Base + (ulong)table, (uint)(16 * (count + 2)), 4, 0);

        if (_random.Next(6) == 0) _memory.Bytes[(indirect && _random.Next(2) == 0 ? table : 0) + _random.Next(16 * limit)] ^= (byte)(1 << _random.Next(8));
        Write16(DriverArea + 4 + 2 * (_available % (int)_size), (ushort)first);
        Write16(DriverArea + 2, ++_available);
        if (_random.Next(2) == 0) _disk.Write(0x50, 4, 0);
        if (_random.Next(16) == 0) Write32(header, (uint)Wild()); // between check and use
    }

    private void Scribble()
    {
        int table = _random.Next(2) == 0 ? 0 : Tables + 0x80 * _random.Next(24);
        ulong address = _random.Next(8) switch
        {
            0 => Wild(),
            1 => Base + Wild(),
            2 => Base + (ulong)(Tables + 0x80 * _random.Next(24)),
            3 => Base + (ulong)(Headers + 32 * _random.Next(32)),
            _ => Base + (ulong)_random.Next(MemoryBytes),
        };
        uint length = _random.Next(2) == 0 ? (uint)Wild() : 16u * (uint)_random.Next(64);
        Descriptor(table, _random.Next(8), address, length, _random.Next(8), _random.Next(_random.Next(4) == 0 ? 0x1_0000 : 9));
    }

    private void ScribbleBytes()
    {
        for (int i = _random.Next(8); i >= 0; i--) _memory.Bytes[_random.Next(_random.Next(2) == 0 ? Data : MemoryBytes)] = (byte)_random.Next(256);
    }

    private void WriteRegister()
    {
        uint register = _random.Next(8) == 0 ? (uint)_random.Next(0x200) : s_registers[_random.Next(s_registers.Length)];
        ulong value = _random.Next(2) == 0 ? Wild() : Base + (ulong)_random.Next(MemoryBytes);
        int size = _random.Next(8) == 0 ? 1 << _random.Next(4) : 4;
        _disk.Write(register, size, value);
        if (register == 0x70 && size == 4 && (uint)value == 0) AfterReset();
        if (register == 0x44 && size == 4 && (value & 1) == 0 && _disk.Read(0x34, 4) != 0) Demand(_disk.InFlight == 0, "A queue was taken away under parts under way.");
    }

    // The initialisation that drivers do, with a mistake now and then.
    private void Start()
    {
        _disk.Write(0x70, 4, 0);
        AfterReset();
        _size = 1u << (_random.Next(10) == 0 ? _random.Next(3) : _random.Next(3, 8));
        _available = 0;
        Write16(DriverArea + 2, 0);
        ulong features = _features = BlockGuest.Version1 | ((ulong)_random.NextInt64() & _disk.Read(0x10, 4));
        foreach ((uint register, ulong value) in ((uint, ulong)[])
        [
            (0x70, 1), (0x70, 3), (0x24, 0), (0x20, (uint)features), (0x24, 1), (0x20, features >> 32), (0x70, 11), (0x30, 0), (0x38, _size),
            (0x80, (uint)Base), (0x84, 0), (0x90, (uint)Base + DriverArea), (0x94, 0), (0xA0, (uint)Base + DeviceArea), (0xA4, 0), (0x44, 1), (0x70, 15),
        ])
            _disk.Write(register, 4, _random.Next(200) == 0 ? Wild() : value);
        Write16(DriverArea, 0);
        Write16(DeviceArea + 2, 0);
    }

    private void ResetByKeeper()
    {
        _disk.Reset();
        AfterReset();
    }

    private void Replace()
    {
        _extents = s_layouts[0]; // what is under way belongs to the old one, and Configure waits for it
        Extent[] next = s_layouts[_random.Next(s_layouts.Length)];
        bool readOnly = _random.Next(4) == 0;
        _disk.Reset();
        AfterReset();
        if (!_disk.Configure(next, next.Length, readOnly, "fuzzed"u8)) throw new FoundException("The disk is not taken.");
        _disk.Reset(); // as before each guest
        _extents = next;
        _readOnly = readOnly;
        Works();
    }

    private void AfterReset()
    {
        Resets++;
        Demand(_disk.InFlight == 0, "A reset left parts under way.");
        Demand(!_flash.Touches(_memory), "A reset left accesses to the guest's memory.");
        Demand(_disk.Read(0x70, 4) == 0, "A reset did not come to its end.");
        Demand(!_disk.HasCompleted, "A reset left something to complete.");
    }

    // After a reset a driver that keeps to the rules is served.
    private void Works()
    {
        BlockGuest guest = new(_disk, _memory, Base + 0x2000, 4, BlockGuest.Version1 | BlockGuest.Flush);
        int head = guest.Send(0, 0, (Base + 0xF000, 512));
        guest.Kick();
        for (int i = 0; i < 1000 && _disk.InFlight != 0; i++)
        {
            _flash.ServeAll();
            TakeInterrupt();
        }

        byte expected = _extents.Length == 0 ? (byte)1 : (byte)0;
        List<(int Head, uint Written, byte Status)> done = guest.Take();
        Demand(done.Count == 1 && done[0] == (head, 513u, expected), "After a reset the disk does not work.");
        if (expected == 0)
            Demand(_memory.Slice(Base + 0xF000, 512).SequenceEqual(_flash.Disk.AsSpan((int)_extents[0].Sector * 512, 512)), "After a reset the disk reads something else.");
        Start();
    }

    private void Neighbour()
    {
        int count = _random.Next(1, 20), first = _random.Next(NeighbourSectors - count);
        if (_neighbourAsked.Values.Any(r => first < r.First + r.Count && r.First < first + count)) return;
        ulong at = Base + 0x4_0000 + (ulong)first * 512;
        bool reads = _random.Next(2) == 0;
        int head = _neighbour.Send(reads ? 0u : 1u, (ulong)first, (at, 100), (at + 100, count * 512 - 100));
        if (head < 0) return;
        if (!reads)
        {
            _random.NextBytes(_neighboursMemory.Slice(at, count * 512));
            _neighboursMemory.Slice(at, count * 512).CopyTo(_neighboursBytes.AsSpan(first * 512));
        }

        _neighbourAsked[head] = (reads, first, count);
        _neighbour.Kick();
    }

    private void Listen()
    {
        foreach ((int head, _, byte status) in _neighbour.Take())
        {
            _neighbourAsked.Remove(head, out (bool Reads, int First, int Count) asked);
            Demand(status == 0, "The neighbour's request failed.");
            if (asked.Reads)
                Demand(_neighboursMemory.Slice(Base + 0x4_0000 + (ulong)asked.First * 512, asked.Count * 512).SequenceEqual(_neighboursBytes.AsSpan(asked.First * 512, asked.Count * 512)), "The neighbour read something else.");
        }
    }

    private void Crowd()
    {
        BlockClient client = _crowd[_random.Next(_crowd.Length)];
        for (int i = _random.Next(80), slot; i > 0 && (slot = _driver.TryReserve(client)) >= 0; i--)
        {
            _driver.AddSegment(slot, _shared.Address + (ulong)(VirtioBlockDriver.MemoryBytes - 512), 512, deviceWrites: true);
            _driver.Submit(slot, 0, (ulong)_random.Next(FlashSectors), i);
        }

        _driver.Kick();
    }

    private void CopyNeighbour(Span<byte> to)
    {
        foreach (Extent extent in s_neighbour)
        {
            _flash.Disk.AsSpan((int)extent.Sector * 512, (int)extent.Sectors * 512).CopyTo(to);
            to = to[((int)extent.Sectors * 512)..];
        }
    }

    private ulong Wild() => s_wild[_random.Next(s_wild.Length)];

    private void Descriptor(int table, int index, ulong address, uint length, int flags, int next)
    {
        Write64(table + 16 * index, address);
        Write64(table + 16 * index + 8, length | (ulong)flags << 32 | (ulong)next << 48);
    }

    private void Write16(int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_memory.Bytes.AsSpan(at), value);

    private void Write32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_memory.Bytes.AsSpan(at), value);

    private void Write64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_memory.Bytes.AsSpan(at), value);

    private static void Demand(bool holds, string what)
    {
        if (!holds) throw new FoundException(what);
    }

    /// <summary>Something does not hold.</summary>
    public sealed class FoundException(string message, Exception inner = null) : Exception(message, inner);
}
