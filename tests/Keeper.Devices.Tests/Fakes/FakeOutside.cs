using System;
using System.Collections.Generic;
using System.Linq;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>The handset's network device, and all that is outside.</summary>
public sealed class FakeOutside(GuestMemory memory, InterruptLine line) : VirtioDevice(VirtioMmio.Network, 1 << 5 | 1 << 16, 2, 256, memory, line)
{
    public List<byte[]> Sent { get; } = [];

    /// <summary>Whether it takes frames as soon as it is told of them.</summary>
    public bool Takes { get; set; } = true;

    /// <summary>Whether it sends everything back, as an access point or a hub may.</summary>
    public bool Reflects { get; set; }

    /// <summary>How often it was told of frames to send.</summary>
    public int Kicks { get; private set; }

    /// <summary>Frames that wait to be taken.</summary>
    public int Take(int count)
    {
        Virtqueue queue = Queue(1);
        int taken = 0;
        bool interrupt = false;
        for (; taken < count && queue.TryTake(); taken++)
        {
            byte[] bytes = queue.At(0, out _).ToArray();
            if (queue.Count != 1 || bytes.Take(12).Any(b => b != 0)) throw new InvalidOperationException("Not one buffer with an empty header.");
            Sent.Add(bytes[12..]);
            interrupt |= queue.Return(0);
            if (Reflects) Deliver(bytes[12..]);
        }

        if (interrupt) RaiseUsedBuffer();
        return taken;
    }

    /// <returns>False if the handset has no buffer for it.</returns>
    public bool Deliver(ReadOnlySpan<byte> frame)
    {
        Virtqueue queue = Queue(0);
        if (!queue.TryTake()) return false;
        Span<byte> buffer = queue.At(0, out _);
        buffer[..12].Fill(0xEE);
        int length = Math.Min(frame.Length, buffer.Length - 12);
        frame[..length].CopyTo(buffer[12..]);
        if (queue.Return((uint)(12 + length))) RaiseUsedBuffer();
        return true;
    }

    protected override void OnNotify(int queue)
    {
        if (queue != 1) return;
        Kicks++;
        if (Takes) Take(int.MaxValue);
    }
}
