using System;
using System.Threading;
using Pocketvisor.Keeper.Devices;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Drivers;

// For guests' disks: who asks, and what is under way for whom. Any core.
public sealed partial class VirtioBlockDriver
{
    /// <summary>A new client. Any core.</summary>
    /// <returns>False if there are too many.</returns>
    public bool TryOpen(BlockClient client)
    {
        _lock.Enter();
        bool room = _clientCount < _clients.Length;
        if (room)
        {
            client.Forget();
            _clients[_clientCount++] = client;
            _idleClients++;
        }

        _lock.Exit();
        return room;
    }

    /// <summary>The client, which has nothing under way, makes no more requests.</summary>
    public void Close(BlockClient client)
    {
        _lock.Enter();
        for (int i = 0; i < _clientCount; i++)
        {
            if (_clients[i] != client) continue;
            _clients[i] = _clients[--_clientCount];
            _clients[_clientCount] = null;
            _idleClients--;
            break;
        }

        _lock.Exit();
    }

    /// <summary>A slot for one request, which counts as under way from now on. The client must <see cref="Submit"/> it.</summary>
    /// <returns>-1 if there is none for this client now; it has news when to ask again.</returns>
    public int TryReserve(BlockClient client)
    {
        _lock.Enter();
        int slot = -1;
        if (!client.HasRoom)
        {
            // What it has under way, or has not collected, is news.
        }
        else if (_freeCount > (client.InFlight == 0 ? 0 : _idleClients))
        {
            slot = _free[--_freeCount];
            _slots[slot].Client = client;
            _slots[slot].Segments = 0;
            if (client.InFlight == 0) _idleClients--;
            client.Begin();
        }
        else
        {
            client.Starve();
            _anyStarved = true;
        }

        _lock.Exit();
        return slot;
    }

    /// <summary>Adds a piece of memory to a reserved slot's request; all that the device reads comes before all that it writes.</summary>
    /// <param name="address">As the device sees it.</param>
    public void AddSegment(int slot, ulong address, int bytes, bool deviceWrites)
    {
        int index = ++_slots[slot].Segments; // the header is the first descriptor
        WriteDescriptor(slot, index, address, bytes, deviceWrites ? (ushort)(FlagNext | FlagWrite) : FlagNext);
    }

    /// <summary>Which sectors a reserved slot's request discards or zeroes.</summary>
    public void SetRange(int slot, ulong sector, uint count, uint flags)
    {
        Span<byte> memory = _queue.Buffer(slot);
        Shared.WriteU64(memory, RangeAt, sector);
        Shared.WriteU32(memory, RangeAt + 8, count);
        Shared.WriteU32(memory, RangeAt + 12, flags);
        AddSegment(slot, _queue.BufferAddress(slot) + RangeAt, VirtioBlockFormat.RangeBytes, deviceWrites: false);
    }

    /// <summary>Sectors that one request of this type, to discard or zero, may have.</summary>
    public uint MaxRange(uint type) => type == VirtioBlockFormat.Discard ? _maxDiscard : _maxZero;

    /// <summary>Puts a request into the queue; the device looks after the next <see cref="Kick"/>.</summary>
    /// <param name="tag">What the client calls it, below 65536.</param>
    public void Submit(int slot, uint type, ulong sector, int tag)
    {
        Span<byte> memory = _queue.Buffer(slot);
        ref Slot s = ref _slots[slot];
        Shared.WriteU32(memory, HeaderAt, type);
        Shared.WriteU64(memory, HeaderAt + 8, sector);
        memory[StatusAt] = Pending;
        WriteDescriptor(slot, s.Segments + 1, _queue.BufferAddress(slot) + StatusAt, 1, FlagWrite);

        _lock.Enter();
        s.Tag = tag;
        s.Sent = true;
        s.Transfers = type is VirtioBlockFormat.In or VirtioBlockFormat.Out;
        if (s.Transfers) _transfers++;
        _underWay++;
        if (_broken == 0) _queue.Add(slot, DescriptorBytes * (s.Segments + 2));
        else End(slot, VirtioBlockFormat.IoError);
        _lock.Exit();
    }

    /// <summary>Tells the device of what was submitted.</summary>
    public void Kick()
    {
        _lock.Enter();
        bool notify = _broken == 0 && _queue.Publish();
        _lock.Exit();
        if (notify) _device.Notify(0);
    }

    /// <summary>
    /// Finds out what is done and lowers the interrupt. From now on the device is quiet: the caller looks again soon, or calls
    /// <see cref="Listen"/>. It is also up to the caller that all who have news collect them. Any core.
    /// </summary>
    /// <returns>Whether there was anything.</returns>
    public bool Reap()
    {
        _device.AcknowledgeInterrupt();
        _lock.Enter();
        bool any = false;
        if (_broken == 0)
        {
            any = Harvest();
            _queue.WantInterrupts(false);
            Volatile.Write(ref _quiet, 1);
        }

        _lock.Exit();
        return any;
    }

    /// <summary>
    /// Asks for an interrupt when half of the transfers under way are done, and finds out what was done before. Flushes take long, so
    /// nothing waits for those.
    /// </summary>
    /// <inheritdoc cref="Reap"/>
    public bool Listen()
    {
        if (Volatile.Read(ref _quiet) == 0) return false;
        _lock.Enter();
        bool any = false;
        if (_broken == 0 && _quiet != 0)
        {
            Volatile.Write(ref _quiet, 0);
            bool more = Harvest();
            do
            {
                any |= more;
                _queue.WantInterrupts(true, Math.Min((Math.Max(_transfers, 1) - 1) / 2, MostTogether));
                more = Harvest(); // what was done before we asked did not interrupt, and may have gone past what we asked for
            }
            while (more);
        }

        _lock.Exit();
        return any;
    }

    /// <summary>
    /// Looks whether the device still answers, about once a second: else nobody would notice while only guests wait for it. Looks are counted and not the time, for the
    /// whole handset may have been stopped meanwhile.
    /// </summary>
    public void Watch()
    {
        _lock.Enter();
        if (_broken == 0) Harvest();
        if (_broken != 0 || _underWay == 0 || _answers != _answersSeen) _silentLooks = 0;
        else if (++_silentLooks >= (_transfers != 0 ? MostSilentLooks : MostSilentLooksOfFlush)) Break();
        _answersSeen = _answers;
        _lock.Exit();
    }

    /// <summary>Takes what is done of a client's requests.</summary>
    /// <param name="done">Room for <see cref="BlockClient.MaxRequests"/>: tag, and the status from bit 16 on.</param>
    /// <returns>How many.</returns>
    public int Collect(BlockClient client, Span<int> done)
    {
        _lock.Enter();
        int count = client.Collect(done);
        _lock.Exit();
        return count;
    }

    /// <summary>Waits until nothing of a client is under way, and forgets what became of it. A device that stops answering is reset. Any core.</summary>
    /// <returns>False if not even that ends its accesses: the memory in question must not get another use.</returns>
    public bool TryDrain(BlockClient client)
    {
        Kick();
        ulong until = _clock.Nanoseconds + Patience;
        for (int answers = Volatile.Read(ref _answers); client.InFlight != 0 && TryGoOn(until);)
        {
            int now = Volatile.Read(ref _answers);
            if (now == answers) continue;
            answers = now;
            until = _clock.Nanoseconds + Patience;
        }

        _lock.Enter();
        bool drained = client.InFlight == 0;
        if (drained) client.Forget();
        _lock.Exit();
        return drained;
    }
}
