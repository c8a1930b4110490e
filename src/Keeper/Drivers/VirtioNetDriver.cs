using System;
using System.Threading;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;
using Pocketvisor.Keeper.Network;
using SpinLock = Pocketvisor.Keeper.Machine.SpinLock;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>
/// The handset's network device (virtio 1.2, "Network Device"), without offloads: a buffer is a frame. It hears all frames,
/// because nobody tells it otherwise; its own address is not used. Frames are received on core 0 alone; they are sent from every
/// core, each sender with a <see cref="TransmitShare"/> that one core at a time uses.
/// </summary>
/// <remarks>
/// No sender may hold more transmit buffers than are free. So one alone gets half of them, any number of floods leave some over,
/// and who holds few comes before who holds many.
/// </remarks>
public sealed class VirtioNetDriver
{
    public const int ReceiveBuffers = 128, TransmitBuffers = 128;

    /// <summary>Senders at most.</summary>
    public const int MaxShares = 32;

    private const int BufferBytes = 1536; // a header and a frame, and some more

    private readonly VirtioTransport _device;
    private readonly DriverQueue _receive; // core 0's
    private bool _notifyReceive;           // core 0's
    private int _broken;                   // written by any core, never cleared

    private SpinLock _lock; // for all below; inside a profile's, and nothing else is taken inside
    private readonly DriverQueue _transmit;
    private readonly TransmitShare[] _shares = new TransmitShare[MaxShares];
    private readonly TransmitShare[] _owners = new TransmitShare[TransmitBuffers];
    private readonly int[] _free = new int[TransmitBuffers];
    private int _freeCount;
    private bool _anyWaits;

    private VirtioNetDriver(VirtioTransport device, DriverQueue receive, DriverQueue transmit)
    {
        _device = device;
        _receive = receive;
        _transmit = transmit;
        for (int i = 0; i < MaxShares; i++) _shares[i] = new TransmitShare();
        for (int i = 0; i < TransmitBuffers; i++)
        {
            transmit.Buffer(i).Slice(0, VirtioNetFormat.HeaderBytes).Clear(); // once: nobody else writes there
            _free[_freeCount++] = i;
        }
    }

    /// <summary>Bytes of memory that the driver shares with its device.</summary>
    public static int MemoryBytes => ReceiveQueueBytes + DriverQueue.BytesFor(TransmitBuffers, BufferBytes);

    /// <summary>The device broke a rule; nothing more comes or goes.</summary>
    public bool IsBroken => Volatile.Read(ref _broken) != 0;

    private static int ReceiveQueueBytes => DriverQueue.BytesFor(ReceiveBuffers, BufferBytes);

    /// <returns>The driver, or null if this is no such device or it refuses.</returns>
    /// <param name="memory">Starts at a multiple of 64; at least <see cref="MemoryBytes"/>.</param>
    public static VirtioNetDriver Start(MmioBus bus, GuestMemory memory)
    {
        VirtioTransport device = new(bus);
        if (device.DeviceId != VirtioMmio.Network || !device.TryNegotiate(VirtioNetFormat.FeatureMac)) return null;
        DriverQueue receive = new(memory, memory.Address, ReceiveBuffers, BufferBytes, deviceWrites: true);
        DriverQueue transmit = new(memory, memory.Address + (ulong)ReceiveQueueBytes, TransmitBuffers, BufferBytes, deviceWrites: false);
        transmit.WantInterrupts(false);
        if (!device.TryStartQueue(VirtioNetFormat.ReceiveQueue, receive) || !device.TryStartQueue(VirtioNetFormat.TransmitQueue, transmit)) return null;

        VirtioNetDriver driver = new(device, receive, transmit);
        device.Start();
        for (int i = 0; i < ReceiveBuffers; i++) driver.Recycle(i);
        driver.KickReceive();
        return driver;
    }

    /// <summary>Lowers the interrupt; comes before <see cref="TryReceive"/> and <see cref="Wake"/>.</summary>
    public void AcknowledgeInterrupt() => _device.AcknowledgeInterrupt();

    /// <summary>Takes a frame that came. Core 0 only.</summary>
    /// <param name="buffer">To give back with <see cref="Recycle"/>.</param>
    /// <param name="length">Bytes of the frame.</param>
    public bool TryReceive(out int buffer, out int length)
    {
        bool taken = _receive.TryTake(out buffer, out int written);
        length = Math.Max(0, written - VirtioNetFormat.HeaderBytes);
        if (_receive.Broken) Break();
        return taken;
    }

    /// <summary>A frame that was taken.</summary>
    public ReadOnlySpan<byte> Received(int buffer, int length) => _receive.Buffer(buffer).Slice(VirtioNetFormat.HeaderBytes, length);

    /// <summary>Lets the device have a buffer again. Core 0 only.</summary>
    public void Recycle(int buffer) => _notifyReceive |= _receive.Offer(buffer, BufferBytes);

    /// <summary>Due after some buffers were recycled. Core 0 only.</summary>
    public void KickReceive()
    {
        if (!_notifyReceive) return;
        _notifyReceive = false;
        _device.Notify(VirtioNetFormat.ReceiveQueue);
    }

    /// <param name="index">From 0, below <see cref="MaxShares"/>.</param>
    public TransmitShare Share(int index) => _shares[index];

    /// <summary>The buffer for the sender's next frame: the same until <see cref="Send"/>. Empty if the sender must wait until <see cref="Wake"/> names it.</summary>
    public Span<byte> Room(TransmitShare share)
    {
        if (share.Buffer < 0)
        {
            _lock.Enter();
            if (!TryTakeBuffer(share))
            {
                _transmit.WantInterrupts(_anyWaits = true);
                share.Waits = !TryTakeBuffer(share); // what came back before the device knew of our wish
            }

            _lock.Exit();
        }

        return share.Buffer < 0 ? default : _transmit.Buffer(share.Buffer).Slice(VirtioNetFormat.HeaderBytes);
    }

    /// <summary>Sends what the sender has put into its buffer. The device hears of it with <see cref="Kick"/>.</summary>
    /// <param name="length">Bytes of the frame.</param>
    public void Send(TransmitShare share, int length)
    {
        _lock.Enter();
        if (_transmit.Offer(share.Buffer, VirtioNetFormat.HeaderBytes + length)) Volatile.Write(ref share.Notify, 1);
        share.Buffer = -1;
        TryTakeBuffer(share); // while we are here
        _lock.Exit();
    }

    /// <summary>Due after some frames were sent. Any core, without a lock: it may take long.</summary>
    public void Kick(TransmitShare share)
    {
        if (Volatile.Read(ref share.Notify) != 0 && Interlocked.Exchange(ref share.Notify, 0) != 0) _device.Notify(VirtioNetFormat.TransmitQueue);
    }

    /// <summary>Takes back what was sent. Core 0 only.</summary>
    /// <returns>A bit for each sender that waited and may go on.</returns>
    public uint Wake()
    {
        uint woken = 0;
        _lock.Enter();
        if (_anyWaits)
        {
            Reclaim();
            _anyWaits = false;
            for (int i = 0; i < MaxShares; i++)
            {
                TransmitShare share = _shares[i];
                if (!share.Waits) continue;

                // For a single frame it would have to come again at once.
                share.Waits = share.Held > _freeCount / 2 || _freeCount == 0;
                if (share.Waits) _anyWaits = true;
                else woken |= 1u << i;
            }

            if (!_anyWaits) _transmit.WantInterrupts(false);
        }

        _lock.Exit();
        return woken;
    }

    private bool TryTakeBuffer(TransmitShare share)
    {
        if (share.Held >= _freeCount) Reclaim();
        if (share.Held >= _freeCount) return false;
        share.Buffer = _free[--_freeCount];
        share.Held++;
        _owners[share.Buffer] = share;
        return true;
    }

    private void Reclaim()
    {
        while (_transmit.TryTake(out int buffer, out _))
        {
            _owners[buffer].Held--;
            _free[_freeCount++] = buffer;
        }

        if (_transmit.Broken) Break();
    }

    private void Break()
    {
        if (IsBroken) return;
        Volatile.Write(ref _broken, 1);
        _device.GiveUp();
    }
}
