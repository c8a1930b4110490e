using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Link;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>
/// The handset's virtio console: the cable to the PC (virtio 1.2, "Console Device"). With several ports it is port 1, which
/// tells us who is there and holds us up while the PC doesn't read; else it is port 0, which on QEMU does neither and drops what
/// the PC doesn't read in time. For one core.
/// </summary>
public sealed class VirtioConsoleDriver : ByteStream
{
    private const ulong FeatureMultiport = 1 << 1; // VIRTIO_CONSOLE_F_MULTIPORT
    private const uint MaxPorts = 4;               // in the configuration: max_nr_ports
    private const uint Port = 1;

    // QEMU reads 4 kB at a time from its socket, and writes a buffer at a time: a file's frame takes 5 buffers.
    private const int ReceiveBuffers = 32, ReceiveBytes = 4096;
    private const int TransmitBuffers = 32, TransmitBytes = 8192;

    private readonly VirtioTransport _device;
    private readonly DriverQueue _receive;
    private readonly DriverQueue _transmit;
    private readonly int _receiveQueue, _transmitQueue;
    private readonly ConsoleControl _control; // null with one port

    // Received and not read to the end.
    private int _buffer = -1;
    private int _at, _end;

    private readonly int[] _free = new int[TransmitBuffers];
    private int _freeCount;
    private bool _notifyReceive, _notifyTransmit, _waitsForRoom;

    private VirtioConsoleDriver(VirtioTransport device, DriverQueue receive, DriverQueue transmit, int firstQueue, ConsoleControl control)
    {
        _device = device;
        _receive = receive;
        _transmit = transmit;
        _receiveQueue = firstQueue;
        _transmitQueue = firstQueue + 1;
        _control = control;
        for (int i = 0; i < TransmitBuffers; i++) _free[_freeCount++] = i;
    }

    /// <summary>Bytes of memory that the driver shares with its device.</summary>
    public static int MemoryBytes => ReceiveQueueBytes + TransmitQueueBytes + ConsoleControl.MemoryBytes;

    /// <summary>The device went wrong; nothing more comes or goes.</summary>
    public bool Broken => _receive.Broken || _transmit.Broken;

    public override bool IsOpen => _control == null || _control.IsOpen;

    public override uint Session => _control == null ? 0 : _control.Session;

    private static int ReceiveQueueBytes => DriverQueue.BytesFor(ReceiveBuffers, ReceiveBytes);

    private static int TransmitQueueBytes => DriverQueue.BytesFor(TransmitBuffers, TransmitBytes);

    /// <returns>The driver, or null if this is no such device or it refuses.</returns>
    /// <param name="memory">Starts at a multiple of 64; at least <see cref="MemoryBytes"/>.</param>
    public static VirtioConsoleDriver Start(MmioBus bus, GuestMemory memory)
    {
        VirtioTransport device = new(bus);
        if (device.DeviceId != VirtioMmio.Console || !device.TryNegotiate(FeatureMultiport)) return null;

        DriverQueue receive = new(memory, memory.Address, ReceiveBuffers, ReceiveBytes, deviceWrites: true);
        DriverQueue transmit = new(memory, memory.Address + (ulong)ReceiveQueueBytes, TransmitBuffers, TransmitBytes, deviceWrites: false);
        transmit.WantInterrupts(false);

        // Queues 0 and 1 are port 0's, 2 and 3 control, and from 4 on two for each further port.
        ConsoleControl control = null;
        int firstQueue = 0;
        if ((device.Features & FeatureMultiport) != 0)
        {
            firstQueue = 4;
            control = device.ReadConfig32(MaxPorts) <= Port
                ? null
                : ConsoleControl.Start(device, Port, firstQueue, memory, memory.Address + (ulong)(ReceiveQueueBytes + TransmitQueueBytes));
            if (control == null)
            {
                device.GiveUp();
                return null;
            }
        }

        if (!device.TryStartQueue(firstQueue, receive) || !device.TryStartQueue(firstQueue + 1, transmit)) return null;
        device.Start();
        for (int i = 0; i < ReceiveBuffers; i++) receive.Offer(i, ReceiveBytes);
        device.Notify(firstQueue);
        control?.Begin();
        return new VirtioConsoleDriver(device, receive, transmit, firstQueue, control);
    }

    public override int Read(Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            if (_buffer < 0)
            {
                if (!_receive.TryTake(out int buffer, out _end)) break;
                _buffer = buffer;
                _at = 0;
            }

            int n = Math.Min(_end - _at, destination.Length - done);
            _receive.Buffer(_buffer).Slice(_at, n).CopyTo(destination.Slice(done));
            _at += n;
            done += n;
            if (_at < _end) break;
            _notifyReceive |= _receive.Offer(_buffer, ReceiveBytes);
            _buffer = -1;
        }

        return done;
    }

    public override bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (!HasRoom(bytes.Length)) return false;
        while (!bytes.IsEmpty)
        {
            int buffer = _free[--_freeCount];
            int n = Math.Min(bytes.Length, TransmitBytes);
            bytes.Slice(0, n).CopyTo(_transmit.Buffer(buffer));
            _notifyTransmit |= _transmit.Offer(buffer, n);
            bytes = bytes.Slice(n);
        }

        return true;
    }

    /// <summary>Lowers the interrupt, hears who is there, and takes back what was sent.</summary>
    public override void Poll()
    {
        _device.AcknowledgeInterrupts();
        _control?.Poll();
        if (_waitsForRoom) _transmit.WantInterrupts(_waitsForRoom = false);
        Reclaim();
    }

    public override void Flush()
    {
        if (_notifyReceive) _device.Notify(_receiveQueue);
        if (_notifyTransmit) _device.Notify(_transmitQueue);
        _notifyReceive = _notifyTransmit = false;
    }

    private bool HasRoom(int bytes)
    {
        if (bytes <= _freeCount * TransmitBytes) return true;
        Reclaim();
        if (bytes <= _freeCount * TransmitBytes) return true;

        // Only whoever waits for room wants to hear that there is some.
        if (!_waitsForRoom) _transmit.WantInterrupts(_waitsForRoom = true);
        Reclaim();
        return bytes <= _freeCount * TransmitBytes;
    }

    private void Reclaim()
    {
        while (_transmit.TryTake(out int buffer, out _)) _free[_freeCount++] = buffer;
    }
}
