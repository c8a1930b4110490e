using System;
using System.Threading;
using Pocketvisor.Keeper.Devices.Virtio;

namespace Pocketvisor.Keeper.Drivers;

// The keeper's own requests, one at a time, through a buffer of the driver's. Core 0 only.
public sealed partial class VirtioBlockDriver
{
    public override bool TryRead(ulong sector, Span<byte> data)
    {
        if (!IsOnDevice(sector, data.Length)) return false;
        while (!data.IsEmpty)
        {
            int n = Math.Min(data.Length, BounceBytes);
            if (!TryTransfer(VirtioBlockFormat.In, sector, BounceAddress, n)) return false;
            _memory.Slice(BounceAddress, n).CopyTo(data);
            data = data.Slice(n);
            sector += (ulong)(n / SectorBytes);
        }

        return true;
    }

    /// <summary>Reads straight into memory of any kind, without the driver's buffer.</summary>
    /// <param name="address">As the device sees it. The memory stays what it is until this returns.</param>
    /// <param name="bytes">A multiple of <see cref="BlockDevice.SectorBytes"/>.</param>
    /// <inheritdoc cref="BlockDevice.TryRead"/>
    public bool TryRead(ulong sector, ulong address, int bytes) => IsOnDevice(sector, bytes) && TryTransfer(VirtioBlockFormat.In, sector, address, bytes);

    public override bool TryWrite(ulong sector, ReadOnlySpan<byte> data)
    {
        if (IsReadOnly || !IsOnDevice(sector, data.Length)) return false;
        while (!data.IsEmpty)
        {
            int n = Math.Min(data.Length, BounceBytes);
            data.Slice(0, n).CopyTo(_memory.Slice(BounceAddress, n));
            if (!TryTransfer(VirtioBlockFormat.Out, sector, BounceAddress, n)) return false;
            data = data.Slice(n);
            sector += (ulong)(n / SectorBytes);
        }

        return true;
    }

    public override bool TryZero(ulong sector, ulong count)
    {
        if (IsReadOnly || !IsOnDevice(sector, count)) return false;
        if (!CanZero) _memory.Slice(BounceAddress, BounceBytes).Clear();
        while (count != 0)
        {
            uint n = (uint)Math.Min(count, CanZero ? _maxZero : BounceBytes / SectorBytes);
            if (CanZero)
            {
                _slots[OwnSlot].Segments = 0;
                SetRange(OwnSlot, sector, n, VirtioBlockFormat.FlagUnmap);
                if (!TryWait(VirtioBlockFormat.WriteZeroes, 0)) return false;
            }
            else if (!TryTransfer(VirtioBlockFormat.Out, sector, BounceAddress, (int)n * SectorBytes)) return false;

            sector += n;
            count -= n;
        }

        return true;
    }

    public override bool TryFlush()
    {
        if (!CanFlush) return !IsBroken; // nothing is cached
        _slots[OwnSlot].Segments = 0;
        return TryWait(VirtioBlockFormat.Flush, 0);
    }

    private ulong BounceAddress => _memory.Address + (ulong)DriverQueue.BytesFor(Slots, SlotBytes);

    private bool IsOnDevice(ulong sector, int bytes) => bytes % SectorBytes == 0 && bytes >= 0 && IsOnDevice(sector, (ulong)(bytes / SectorBytes));

    private bool IsOnDevice(ulong sector, ulong count) => sector <= Sectors && count <= Sectors - sector;

    private bool TryTransfer(uint type, ulong sector, ulong address, int bytes)
    {
        if (bytes == 0) return true;
        _slots[OwnSlot].Segments = 0;
        AddSegment(OwnSlot, address, bytes, deviceWrites: type == VirtioBlockFormat.In);
        return TryWait(type, sector);
    }

    // The keeper's own request. Others' are found on the way; who listens still gets the interrupt for them, and who does not looks soon.
    private bool TryWait(uint type, ulong sector)
    {
        if (IsBroken) return false;
        Volatile.Write(ref _ownStatus, Pending);
        Submit(OwnSlot, type, sector, 0);
        Kick();
        ulong now = _clock.Nanoseconds, until = now + OwnPatience, silentUntil = now + Patience;
        for (int answers = Volatile.Read(ref _answers); Volatile.Read(ref _ownStatus) == Pending && TryGoOn(Math.Min(until, type == VirtioBlockFormat.Flush ? until : silentUntil));)
        {
            int more = Volatile.Read(ref _answers);
            if (more == answers) continue;
            answers = more;
            silentUntil = _clock.Nanoseconds + Patience;
        }

        return Volatile.Read(ref _ownStatus) == VirtioBlockFormat.Ok;
    }
}
