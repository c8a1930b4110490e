using System;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Drivers;

/// <summary>The handset's source of random bytes. Slow and single-threaded: it seeds <see cref="RandomPool"/>.</summary>
public sealed class VirtioRngDriver
{
    private const int BufferBytes = 64;

    private readonly VirtioTransport _device;
    private readonly DriverQueue _queue;
    private readonly Clock _clock;

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
            if (!TryRead(bytes.Slice(done), start, timeout, out int n)) break;
            done += n;
        }

        return done;
    }

    private bool TryRead(Span<byte> bytes, ulong start, ulong timeout, out int n)
    {
        n = 0;
        if (!_asked && !_queue.Broken)
        {
            _asked = true;
            if (_queue.Offer(0, BufferBytes)) _device.Notify(0);
        }

        int written;
        while (!_queue.TryTake(out _, out written))
        {
            if (_queue.Broken || _clock.Nanoseconds - start >= timeout) return false;
        }

        _asked = false;
        _device.AcknowledgeInterrupts();
        n = Math.Min(written, bytes.Length);
        Span<byte> buffer = _queue.Buffer(0);
        buffer.Slice(0, n).CopyTo(bytes);
        buffer.Clear(); // used once
        return n != 0;
    }

    // A request that timed out stays with the device; its answer serves the next reader.
    private bool _asked;
}
