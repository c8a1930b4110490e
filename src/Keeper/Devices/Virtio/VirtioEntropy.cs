using System;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>A source of random bytes (virtio 1.2, "Entropy Device").</summary>
public sealed class VirtioEntropy : VirtioDevice
{
    private const int QueueSize = 16;

    // "MAY use less than the entire buffer": nobody needs more at once, and nobody may keep us busy for longer.
    private const int BytesAtOnce = 512;

    private readonly RandomSource _random;

    public VirtioEntropy(RandomSource random, GuestMemory memory, InterruptLine line)
        : base(VirtioMmio.Entropy, 0, 1, QueueSize, memory, line) => _random = random;

    protected override void OnNotify(int queue)
    {
        Virtqueue requests = Queue(0);
        bool interrupt = false;
        for (int i = 0; i < QueueSize && requests.TryTake(); i++)
        {
            int written = 0;
            for (int k = 0; k < requests.Count; k++)
            {
                Span<byte> buffer = requests.At(k, out bool writable);
                if (!writable) continue;
                int n = Math.Min(buffer.Length, BytesAtOnce - written);
                _random.Fill(buffer.Slice(0, n));
                written += n;
            }

            interrupt |= requests.Return((uint)written);
        }

        if (interrupt) RaiseUsedBuffer();
    }
}
