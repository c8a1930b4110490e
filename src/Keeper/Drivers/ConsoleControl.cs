using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>The control queues of a virtio console with several ports (virtio 1.2, "Multiport Device Operation"), for one of its ports.</summary>
public sealed class ConsoleControl
{
    private const int ReceiveQueue = 2, TransmitQueue = 3;
    private const int Buffers = 8, ReceiveBytes = 64;

    // struct virtio_console_control { le32 id; le16 event; le16 value }
    private const int MessageBytes = 8;
    private const ushort DeviceReady = 0, DeviceAdd = 1, PortReady = 3, PortOpen = 6;
    private const uint NoPort = 0xFFFF_FFFF;

    private readonly VirtioTransport _device;
    private readonly uint _port;
    private readonly int _portReceiveQueue;
    private readonly DriverQueue _receive;
    private readonly DriverQueue _transmit;
    private int _nextTransmit;
    private int _unsent; // buffers that the device has

    private ConsoleControl(VirtioTransport device, uint port, int portReceiveQueue, DriverQueue receive, DriverQueue transmit)
    {
        _device = device;
        _port = port;
        _portReceiveQueue = portReceiveQueue;
        _receive = receive;
        _transmit = transmit;
    }

    public static int MemoryBytes => DriverQueue.BytesFor(Buffers, ReceiveBytes) + DriverQueue.BytesFor(Buffers, MessageBytes);

    /// <summary>Whether somebody has the other end of the port open.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Times that somebody has opened it.</summary>
    public uint Session { get; private set; }

    /// <summary>Sets the queues up, before the device starts. Null if the device refuses.</summary>
    /// <param name="portReceiveQueue">Where what comes for the port arrives.</param>
    public static ConsoleControl Start(VirtioTransport device, uint port, int portReceiveQueue, GuestMemory memory, ulong at)
    {
        DriverQueue receive = new(memory, at, Buffers, ReceiveBytes, deviceWrites: true);
        DriverQueue transmit = new(memory, at + (ulong)DriverQueue.BytesFor(Buffers, ReceiveBytes), Buffers, MessageBytes, deviceWrites: false);
        transmit.WantInterrupts(false);
        if (!device.TryStartQueue(ReceiveQueue, receive) || !device.TryStartQueue(TransmitQueue, transmit)) return null;
        return new ConsoleControl(device, port, portReceiveQueue, receive, transmit);
    }

    /// <summary>Once the device has started: asks for its ports.</summary>
    public void Begin()
    {
        for (int i = 0; i < Buffers; i++) _receive.Offer(i, ReceiveBytes);
        _device.Notify(ReceiveQueue);
        Send(NoPort, DeviceReady, 1);
    }

    public void Poll()
    {
        bool notify = false;
        while (_receive.TryTake(out int index, out int written))
        {
            if (written >= MessageBytes)
            {
                Span<byte> message = _receive.Buffer(index);
                Hear(LittleEndian.ReadU32(message, 0), LittleEndian.ReadU16(message, 4), LittleEndian.ReadU16(message, 6));
            }

            notify |= _receive.Offer(index, ReceiveBytes);
        }

        if (notify) _device.Notify(ReceiveQueue);
    }

    private void Hear(uint port, ushort what, ushort value)
    {
        if (port != _port) return;
        if (what == DeviceAdd)
        {
            Send(port, PortReady, 1);
            Send(port, PortOpen, 1); // ours

            // QEMU's main loop sleeps on without asking whether the port now takes what the PC said before. This wakes it.
            _device.Notify(_portReceiveQueue);
        }
        else if (what == PortOpen)
        {
            IsOpen = value != 0;
            if (IsOpen) Session++;
        }
    }

    private void Send(uint port, ushort what, ushort value)
    {
        while (_transmit.TryTake(out _, out _)) _unsent--;
        if (_unsent == Buffers) return; // a device that takes none of so few will not take this one

        // The device takes them in order, so the next one is free.
        int index = _nextTransmit;
        _nextTransmit = (index + 1) % Buffers;
        _unsent++;
        Span<byte> message = _transmit.Buffer(index);
        LittleEndian.WriteU32(message, 0, port);
        LittleEndian.WriteU16(message, 4, what);
        LittleEndian.WriteU16(message, 6, value);
        if (_transmit.Offer(index, MessageBytes)) _device.Notify(TransmitQueue);
    }
}
