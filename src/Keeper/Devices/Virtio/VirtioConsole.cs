using System;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>A console with one port (virtio 1.2, "Console Device").</summary>
public sealed class VirtioConsole : VirtioDevice
{
    private const int QueueSize = 64;
    private const int ReceiveQueue = 0, TransmitQueue = 1;
    private const ulong FeatureSize = 1 << 0; // VIRTIO_CONSOLE_F_SIZE
    private const int InputBytes = 8 * 1024;

    private readonly ProfileConsole _console;
    private readonly ByteRing _input = new(InputBytes);
    private ushort _columns, _rows;
    private bool _receives, _sizeTold;

    public VirtioConsole(ProfileConsole console, GuestMemory memory, InterruptLine line, int columns, int rows)
        : base(VirtioMmio.Console, FeatureSize, 2, QueueSize, memory, line)
    {
        _console = console;
        _columns = (ushort)columns;
        _rows = (ushort)rows;
    }

    /// <summary>Whether a driver is up and has given us buffers for input at least once.</summary>
    public bool TakesInput
    {
        get
        {
            if (!IsLive) return false;
            if (!_receives) _receives = Queue(ReceiveQueue).HasWaiting;
            return _receives;
        }
    }

    /// <summary>Somebody types.</summary>
    /// <returns>How many bytes there was room for.</returns>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        int n = _input.Write(bytes);
        if (IsLive) Deliver();
        return n;
    }

    /// <summary>The user's terminal has another size now.</summary>
    public void Resize(int columns, int rows)
    {
        _columns = (ushort)columns;
        _rows = (ushort)rows;
        RaiseConfigChange();
    }

    protected override void OnNotify(int queue)
    {
        if (queue == ReceiveQueue) Deliver();
        else Transmit();
    }

    protected override void OnReset()
    {
        _receives = _sizeTold = false;
        _input.Clear();
    }

    // struct virtio_console_config { le16 cols, rows; le32 max_nr_ports, emerg_wr }
    protected override byte ReadConfig(uint offset) => offset switch
    {
        0 => (byte)_columns,
        1 => (byte)(_columns >> 8),
        2 => (byte)_rows,
        3 => (byte)(_rows >> 8),
        _ => 0,
    };

    private void Transmit()
    {
        Virtqueue queue = Queue(TransmitQueue);
        bool interrupt = false;

        // Whoever adds more meanwhile also notifies again, so a full round is enough and nobody can keep us here.
        for (int i = 0; i < QueueSize && queue.TryTake(); i++)
        {
            // More than the backlog holds would only push itself out of it.
            ulong skip = queue.ReadableBytes - Math.Min(queue.ReadableBytes, (ulong)_console.Capacity);
            for (int k = 0; k < queue.Count; k++)
            {
                Span<byte> buffer = queue.At(k, out bool writable);
                if (writable) break;
                int skipped = (int)Math.Min(skip, (ulong)buffer.Length);
                skip -= (ulong)skipped;
                _console.Output(buffer.Slice(skipped));
            }

            interrupt |= queue.Return(0);
        }

        if (interrupt) RaiseUsedBuffer();
    }

    private void Deliver()
    {
        Virtqueue queue = Queue(ReceiveQueue);
        bool interrupt = false, delivered = false;
        for (int i = 0; i < QueueSize && _input.Count != 0 && queue.TryTake(); i++)
        {
            uint written = 0;
            for (int k = 0; k < queue.Count; k++)
            {
                Span<byte> buffer = queue.At(k, out bool writable);
                if (writable) written += (uint)_input.Read(buffer);
            }

            interrupt |= queue.Return(written);
            delivered = true;
        }

        if (queue.Broken) Fail();
        if (interrupt) RaiseUsedBuffer();
        if (!delivered || _sizeTold) return;
        // Linux looks at the size only when it is told of a change, and forgets what it is told while its driver starts. When somebody
        // types, that is over.
        _sizeTold = true;
        RaiseConfigChange();
    }
}
