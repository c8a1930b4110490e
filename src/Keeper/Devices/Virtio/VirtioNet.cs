using System;
using Pocketvisor.Keeper.Network;

namespace Pocketvisor.Keeper.Devices.Virtio;

/// <summary>
/// A network device without offloads (virtio 1.2, "Network Device"), plugged into a port of the switch. Absent until it is
/// configured. A frame to send is copied out of the guest's memory once, and what the copy says counts.
/// </summary>
public sealed class VirtioNet : VirtioDevice
{
    private const int QueueSize = 256;

    private readonly SwitchPort _port;
    private bool _received; // frames that the guest was not told of

    public VirtioNet(SwitchPort port, GuestMemory memory, InterruptLine line)
        : base(VirtioMmio.Network, VirtioNetFormat.FeatureMac | VirtioNetFormat.FeatureStatus, 2, QueueSize, memory, line)
    {
        _port = port;
        IsPresent = false;
    }

    /// <summary>Plugs the device in, with this address, for the next guest. Core 0 only, while no guest runs.</summary>
    /// <returns>False if the address is no station's, or another profile's: then the device is absent.</returns>
    public bool Configure(MacAddress address)
    {
        Remove();
        return IsPresent = _port.TryOpen(address);
    }

    /// <summary>Empties the slot. Core 0 only, while no guest runs.</summary>
    public void Remove()
    {
        IsPresent = false;
        _port.Close();
    }

    /// <summary>A frame from outside. If the guest has no room for it, it is lost.</summary>
    public void Receive(ReadOnlySpan<byte> frame) => _port.Counters.Add(TryReceive(frame) ? FrameFate.Received : FrameFate.NoBuffer);

    /// <summary>Tells the guest of the frames that it got: once for many, for each interrupt costs both of us some exits.</summary>
    public void FinishReceive()
    {
        if (!_received) return;
        _received = false;
        if (IsLive && Queue(VirtioNetFormat.ReceiveQueue).Publish()) RaiseUsedBuffer();
    }

    /// <summary>Tells the handset's device of the frames that were sent; without the profile's lock, for it may take long.</summary>
    public void Kick() => _port.Kick();

    /// <summary>There is room again to send.</summary>
    public void ResumeTransmit()
    {
        if (!IsLive) return;
        Transmit();
        if (Queue(VirtioNetFormat.TransmitQueue).Broken) Fail();
    }

    protected override void OnNotify(int queue)
    {
        if (queue == VirtioNetFormat.TransmitQueue) Transmit(); // who offers buffers to receive waits for frames
    }

    protected override void OnReset() => _received = false;

    protected override void OnStop(int queue)
    {
        if (queue == VirtioNetFormat.ReceiveQueue) _received = false;
    }

    protected override byte ReadConfig(uint offset) => offset switch
    {
        < VirtioNetFormat.MacAt + MacAddress.Bytes => _port.Address[(int)(offset - VirtioNetFormat.MacAt)],
        VirtioNetFormat.StatusAt => _port.IsUp ? VirtioNetFormat.LinkUp : (byte)0,
        _ => 0,
    };

    private void Transmit()
    {
        Virtqueue queue = Queue(VirtioNetFormat.TransmitQueue);
        bool returned = false;

        // All chains of a queue together have at most its size of buffers, if none is in two of them. So this serves all that there
        // were; whoever adds more meanwhile also notifies again, and nobody can keep us here.
        for (int budget = QueueSize; budget > 0 && queue.HasWaiting; budget -= queue.Count)
        {
            Span<byte> room = _port.Room;
            if (room.IsEmpty && _port.IsUp) break; // frames stay in the guest's queue until there is some
            if (!queue.TryTake()) break;
            _port.Send(Gather(queue, room));
            queue.Return(queue.Head, 0);
            returned = true;
        }

        if (returned && queue.Publish()) RaiseUsedBuffer();
    }

    // A frame that is too long is cut, and still too long. The header in front asks for offloads that were not agreed on: skipped.
    private static int Gather(Virtqueue chain, Span<byte> room)
    {
        int skip = VirtioNetFormat.HeaderBytes, length = 0;
        for (int k = 0; k < chain.Count; k++)
        {
            Span<byte> piece = chain.At(k, out bool writable);
            if (writable) break;
            int skipped = Math.Min(skip, piece.Length);
            skip -= skipped;
            piece = piece.Slice(skipped, Math.Min(piece.Length - skipped, room.Length - length));
            piece.CopyTo(room.Slice(length));
            length += piece.Length;
        }

        return length;
    }

    private bool TryReceive(ReadOnlySpan<byte> frame)
    {
        Virtqueue queue = Queue(VirtioNetFormat.ReceiveQueue);
        if (!IsLive) return false;
        if (!queue.TryTake())
        {
            if (queue.Broken) Fail();
            return false;
        }

        int length = VirtioNetFormat.HeaderBytes + frame.Length;
        if (queue.WritableBytes < (ulong)length)
        {
            queue.PutBack();
            return false;
        }

        ReadOnlySpan<byte> header = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]; // one buffer
        for (int k = 0; k < queue.Count; k++)
        {
            Span<byte> piece = queue.At(k, out bool writable);
            if (!writable) continue;
            int n = Math.Min(header.Length, piece.Length), m = Math.Min(frame.Length, piece.Length - n);
            header.Slice(0, n).CopyTo(piece);
            frame.Slice(0, m).CopyTo(piece.Slice(n));
            header = header.Slice(n);
            frame = frame.Slice(m);
        }

        queue.Return(queue.Head, (uint)length);
        return _received = true;
    }
}
