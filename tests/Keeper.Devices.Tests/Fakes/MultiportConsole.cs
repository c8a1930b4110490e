using System;
using System.Collections.Generic;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Devices.Tests.Fakes;

/// <summary>A console with ports 0 and 1 that plays the device's part of the control protocol, as QEMU does.</summary>
public sealed class MultiportConsole(GuestMemory memory, InterruptLine line)
    : VirtioDevice(VirtioMmio.Console, 1 << 1, 6, 32, memory, line)
{
    private readonly Queue<byte[]> _events = new();

    public List<string> Heard { get; } = [];

    public List<byte> Said { get; } = [];

    /// <summary>Whether the port takes what is sent.</summary>
    public bool Reads { get; set; } = true;

    public void Tell(uint port, ushort what, ushort value)
    {
        byte[] message = [(byte)port, 0, 0, 0, (byte)what, 0, (byte)value, 0, .. "name"u8];
        _events.Enqueue(message);
        OnNotify(2);
    }

    protected override byte ReadConfig(uint offset) => offset == 4 ? (byte)2 : (byte)0;

    protected override void OnNotify(int queue)
    {
        Virtqueue q = Queue(queue);
        if (queue == 2)
        {
            while (_events.Count != 0 && q.TryTake())
            {
                byte[] message = _events.Dequeue();
                message.CopyTo(q.At(0, out _));
                q.Return((uint)message.Length);
                RaiseUsedBuffer();
            }
        }
        else if (queue == 3)
        {
            while (q.TryTake())
            {
                Span<byte> m = q.At(0, out _);
                Heard.Add($"{BitConverter.ToInt32(m)} {m[4]} {m[6]}");
                if (m[4] == 0)
                {
                    Tell(0, 1, 1);
                    Tell(1, 1, 1);
                }

                q.Return(0);
            }
        }
        else if (queue == 5)
        {
            while (Reads && q.TryTake())
            {
                Said.AddRange(q.At(0, out _));
                if (q.Return(0)) RaiseUsedBuffer();
            }
        }
    }
}
