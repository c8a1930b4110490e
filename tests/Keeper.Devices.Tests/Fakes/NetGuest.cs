using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Abi;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Network;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A profile with all its devices and a guest that drives the one for the network.</summary>
public sealed class NetGuest
{
    public const int Buffers = MockDriver.QueueSize;

    private readonly SlotWindow _slot;
    private int _received;

    public NetGuest(SwitchPort port)
    {
        Port = port;
        Devices = new ProfileDevices(new ProfileConsole(256, new FakeDoorbell()), Memory, new FakeClock(), new FakeRandom(), Interrupts, port, flash: null, new ArrayRegisterPage());
        _slot = new SlotWindow(Devices);
    }

    public SwitchPort Port { get; }

    public ProfileDevices Devices { get; }

    public ArrayMemory Memory { get; } = new(VirtualHandset.Ram, 0x1_8000);

    public FakeInterrupts Interrupts { get; } = new();

    public MockDriver Driver { get; private set; }

    public uint DeviceId => (uint)_slot.Read(8, 4);

    /// <summary>Frames that the guest has offered to send.</summary>
    public int Offered { get; private set; }

    /// <summary>Those that it has back.</summary>
    public int Done => Offered - (ushort)(Offered - Driver.UsedIndex(1)); // the index has 16 bits

    /// <summary>The guest boots: its driver starts, and offers all its buffers.</summary>
    public void Boot(bool buffers = true)
    {
        Driver = new MockDriver(_slot, Memory).Start(2, 1 << 5 | 1 << 16);
        Offered = _received = 0;
        for (ushort i = 0; buffers && i < Buffers; i++) OfferBuffer(i);
    }

    public void OfferBuffer(ushort head)
    {
        Driver.Descriptor(0, head, ReceiveBuffer(head), 12 + 1514, 2, 0);
        Driver.Offer(0, head);
    }

    /// <summary>Offers a frame in one buffer behind a header.</summary>
    public void Send(byte[] frame, bool notify = true)
    {
        ushort head = (ushort)(Offered++ % Buffers);
        Span<byte> buffer = Memory.Slice(SendBuffer(head), 12 + frame.Length);
        buffer[..12].Fill(0xFF); // asks for every offload there is
        frame.CopyTo(buffer[12..]);
        Driver.Descriptor(1, head, SendBuffer(head), (uint)buffer.Length, 0, 0);
        Driver.Offer(1, head, notify);
    }

    /// <summary>Frames that came since the last call; their buffers are offered again.</summary>
    public List<byte[]> Received()
    {
        List<byte[]> frames = [];
        for (; _received != Driver.UsedIndex(0); _received++)
        {
            (uint head, uint length) = Driver.Used(0, _received % Buffers);
            byte[] bytes = Memory.Slice(ReceiveBuffer((ushort)head), (int)length).ToArray();
            if (!bytes.AsSpan(0, 12).SequenceEqual(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 })) throw new InvalidOperationException("The header is wrong.");
            frames.Add(bytes[12..]);
            OfferBuffer((ushort)head);
        }

        return frames;
    }

    public ulong ReceiveBuffer(ushort head) => Driver.Data + 0x800UL * head;

    public ulong SendBuffer(ushort head) => Driver.Data + 0x8000 + 0x1000UL * head;

    /// <summary>What is not zero in the counters.</summary>
    public Dictionary<FrameFate, ulong> Counts() => Counts(Port.Counters);

    public static Dictionary<FrameFate, ulong> Counts(FrameCounters counters) =>
        Enum.GetValues<FrameFate>().Where(fate => counters[fate] != 0).ToDictionary(fate => fate, fate => counters[fate]);

    private sealed class SlotWindow(ProfileDevices devices) : MmioDevice
    {
        private const ulong Base = VirtualHandset.VirtioMmio + ProfileDevices.NetworkSlot * VirtualHandset.VirtioMmioStep;

        public override ulong Read(uint offset, int size) => devices.TryRead(Base + offset, size, out ulong value) ? value : throw new InvalidOperationException();

        public override void Write(uint offset, int size, ulong value) => devices.TryWrite(Base + offset, size, value);
    }
}
