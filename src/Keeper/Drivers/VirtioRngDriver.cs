using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>The handset's source of random bytes. Slow and single-threaded: it fills <see cref="RandomPool"/>.</summary>
public sealed class VirtioRngDriver
{
    private const int BufferBytes = 2048; // with its queue less than a page

    private readonly VirtioTransport _device;
    private readonly DriverQueue _queue;
    private readonly Clock _clock;
    private bool _asked; // a request that timed out stays with the device; its answer serves the next reader
    private int _ready;  // bytes of the buffer, from its start, that nobody has read

    private VirtioRngDriver(VirtioTransport device, DriverQueue queue, Clock clock)
    {
        _device = device;
        _queue = queue;
        _clock = clock;
    }

    /// <summary>Bytes of memory that the driver shares with its device.</summary>
    public static int MemoryBytes => DriverQueue.BytesFor(1, BufferBytes);

    /// <returns>The driver, or null if this is no such device or it refuses.</returns>
    /// <param name="memory">Starts at a multiple of 64; at least <see cref="MemoryBytes"/>.</param>
    public static VirtioRngDriver Start(MmioBus bus, GuestMemory memory, Clock clock)
    {
        VirtioTransport device = new(bus);
        if (device.DeviceId != VirtioMmio.Entropy || !device.TryNegotiate(0)) return null;
        DriverQueue queue = new(memory, memory.Address, 1, BufferBytes, deviceWrites: true);
        queue.WantInterrupts(false); // somebody looks often enough
        if (!device.TryStartQueue(0, queue)) return null;
        device.Start();
        return new VirtioRngDriver(device, queue, clock);
    }

    /// <summary>Waits for random bytes.</summary>
    /// <param name="timeout">Nanoseconds.</param>
    /// <returns>How many came in time.</returns>
    public int Read(Span<byte> bytes, ulong timeout)
    {
        ulong start = _clock.Nanoseconds;
        int done = 0;
        while (done < bytes.Length)
        {
            int n = TryRead(bytes.Slice(done));
            done += n;
            if (n == 0 && (_queue.Broken || _clock.Nanoseconds - start >= timeout)) break;
        }

        return done;
    }

    /// <summary>Reads what the device has ready. If that is nothing, it is asked for some, which may be there next time.</summary>
    /// <returns>How many bytes.</returns>
    public int TryRead(Span<byte> bytes)
    {
        if (bytes.IsEmpty || _ready == 0 && !TryCollect()) return 0;
        int n = Math.Min(_ready, bytes.Length);
        Span<byte> taken = _queue.Buffer(0).Slice(_ready - n, n);
        taken.CopyTo(bytes);
        taken.Clear(); // used once
        _ready -= n;
        return n;
    }

    private bool TryCollect()
    {
        if (_queue.Broken) return false;
        if (!_asked)
        {
            _asked = true;
            if (_queue.Offer(0, BufferBytes)) _device.Notify(0);
        }

        if (!_queue.TryTake(out _, out _ready)) return false;
        _asked = false;
        _device.AcknowledgeInterrupts();
        return _ready != 0;
    }
}
