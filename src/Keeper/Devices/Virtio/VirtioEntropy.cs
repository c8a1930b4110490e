using System;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>
/// A source of random bytes (virtio 1.2, "Entropy Device"). "The device MUST place one or more random bytes into the buffer", so
/// a request that finds none stays in the queue until <see cref="Tick"/> has some.
/// </summary>
public sealed class VirtioEntropy : VirtioDevice
{
    /// <summary>What one guest gets between two ticks, so that none drinks up what the others need.</summary>
    public const int BytesPerTick = 256;

    private const int QueueSize = 16;

    private readonly RandomSource _random;
    private int _allowance = BytesPerTick; // outlives a reset, which any guest can do as often as it likes

    public VirtioEntropy(RandomSource random, GuestMemory memory, InterruptLine line)
        : base(VirtioMmio.Entropy, 0, 1, QueueSize, memory, line) => _random = random;

    /// <summary>Serves requests that wait; about once a second.</summary>
    public void Tick()
    {
        _allowance = BytesPerTick;
        if (!IsLive) return;
        Serve();
        if (Queue(0).Broken) Fail();
    }

    protected override void OnNotify(int queue) => Serve();

    private void Serve()
    {
        Virtqueue requests = Queue(0);
        bool interrupt = false;
        for (int i = 0; i < QueueSize && requests.TryTake(); i++)
        {
            int written = Fill(requests);
            if (written == 0 && requests.WritableBytes != 0)
            {
                requests.PutBack();
                break;
            }

            interrupt |= requests.Return((uint)written);
        }

        if (interrupt) RaiseUsedBuffer();
    }

    // "MAY use less than the entire buffer": as much as there is.
    private int Fill(Virtqueue request)
    {
        int written = 0;
        for (int k = 0; k < request.Count; k++)
        {
            Span<byte> buffer = request.At(k, out bool writable);
            if (!writable) continue;
            int wanted = Math.Min(buffer.Length, _allowance);
            int n = _random.Take(buffer.Slice(0, wanted));
            written += n;
            _allowance -= n;
            if (n < buffer.Length) break; // what is written has no holes
        }

        return written;
    }
}
