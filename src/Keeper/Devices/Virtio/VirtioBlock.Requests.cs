using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Drivers;

namespace Pocketvisor.Keeper.Devices.Virtio;

// From a chain of the guest's to parts at the flash driver, and back.
public sealed partial class VirtioBlock
{
    // Ends: a guest that gives back nothing has no more chains than its table has entries, and the queue sees to that.
    private void Serve()
    {
        while (_current >= 0 || TryBegin())
            if (!TrySubmit()) break; // Complete goes on
        _flash.Kick();
        if (!_returned) return;
        _returned = false;
        if (Queue(0).Publish()) RaiseUsedBuffer();
    }

    // Takes a chain and finds out what it wants.
    private bool TryBegin()
    {
        Virtqueue queue = Queue(0);
        if (_freeCount == 0 || !queue.TryTake(ask: _transfers < QuietTransfers)) return false; // with none free, one will be done
        if (queue.ReadableBytes < VirtioBlockFormat.HeaderBytes || queue.WritableBytes == 0)
        {
            Fail(); // "the header and the status": without, there is nobody to tell
            return false;
        }

        _current = _free[--_freeCount];
        ref Request request = ref _requests[_current];
        request.Head = queue.Head;
        request.Written = (uint)Math.Min(queue.WritableBytes, uint.MaxValue);
        request.Parts = 0;
        request.StatusAddress = LastByte(queue);

        _buffer = _at = 0;
        CopyFrom(queue, new Span<byte>(_copy, 0, VirtioBlockFormat.HeaderBytes));
        _type = LittleEndian.ReadU32(_copy, 0);
        _sector = LittleEndian.ReadU64(_copy, 8);
        _left = 0;
        request.Status = Prepare(queue);
        request.Type = _type;
        request.Sector = _sector;
        if (request.Status != VirtioBlockFormat.Ok) _left = 0;

        request.Transfers = _left != 0 && _type is VirtioBlockFormat.In or VirtioBlockFormat.Out;
        if (request.Transfers) _transfers++;

        // A driver that knows no flush expects what it wrote to stay: "writethrough".
        _thenFlush = (Features & VirtioBlockFormat.FeatureFlush) == 0 && _flash.CanFlush && _left != 0 && _type is VirtioBlockFormat.Out or VirtioBlockFormat.WriteZeroes;
        return true;
    }

    // Sets what is to be submitted of the current request.
    private byte Prepare(Virtqueue queue)
    {
        switch (_type)
        {
            case VirtioBlockFormat.In:
                SkipReadable(queue);
                return PrepareTransfer(queue, queue.WritableBytes - 1);
            case VirtioBlockFormat.Out:
                return _readOnly ? VirtioBlockFormat.IoError : PrepareTransfer(queue, queue.ReadableBytes - VirtioBlockFormat.HeaderBytes);
            case VirtioBlockFormat.Flush:
                _left = _flash.CanFlush && !_readOnly ? 1u : 0;
                return VirtioBlockFormat.Ok;
            case VirtioBlockFormat.GetId:
                SkipReadable(queue);
                WriteId(queue);
                return VirtioBlockFormat.Ok;
            case VirtioBlockFormat.Discard or VirtioBlockFormat.WriteZeroes:
                return PrepareRange(queue);
            default:
                return VirtioBlockFormat.Unsupported;
        }
    }

    private byte PrepareTransfer(Virtqueue queue, ulong bytes)
    {
        // Guests keep to the number of segments that we announced. Beside those, a chain has a header and a status, unless they share a buffer with data.
        int segments = queue.Count;
        if (queue[0].Length == VirtioBlockFormat.HeaderBytes) segments--;
        if (queue[queue.Count - 1].Length == 1) segments--;
        if (segments > _flash.MaxSegments || bytes % BlockDevice.SectorBytes != 0) return VirtioBlockFormat.IoError;
        return PrepareSectors(bytes / BlockDevice.SectorBytes);
    }

    private byte PrepareRange(Virtqueue queue)
    {
        if (_readOnly || _flash.MaxRange(_type) == 0) return _readOnly ? VirtioBlockFormat.IoError : VirtioBlockFormat.Unsupported;
        if (queue.ReadableBytes != VirtioBlockFormat.HeaderBytes + VirtioBlockFormat.RangeBytes) return VirtioBlockFormat.IoError; // one range
        CopyFrom(queue, new Span<byte>(_copy, VirtioBlockFormat.HeaderBytes, VirtioBlockFormat.RangeBytes));
        _sector = LittleEndian.ReadU64(_copy, VirtioBlockFormat.HeaderBytes);
        _flags = LittleEndian.ReadU32(_copy, VirtioBlockFormat.HeaderBytes + 12);

        // "if any unknown flag is set", and "for discard commands if the unmap flag is set".
        uint known = _type == VirtioBlockFormat.Discard ? 0 : VirtioBlockFormat.FlagUnmap;
        if ((_flags & ~known) != 0) return VirtioBlockFormat.Unsupported;
        return PrepareSectors(LittleEndian.ReadU32(_copy, VirtioBlockFormat.HeaderBytes + 8));
    }

    private byte PrepareSectors(ulong count)
    {
        if (_sector > _extents.Sectors || count > _extents.Sectors - _sector) return VirtioBlockFormat.IoError;
        _left = count;
        return VirtioBlockFormat.Ok;
    }

    // Submits what is left of the current request; false if the driver takes no more now.
    private bool TrySubmit()
    {
        while (_left != 0)
        {
            int slot = _flash.TryReserve(_client);
            if (slot < 0) return false;
            ulong count = 1, at = 0;
            if (_type != VirtioBlockFormat.Flush)
            {
                bool transfers = _type is VirtioBlockFormat.In or VirtioBlockFormat.Out;
                at = _extents.Find(_sector, out ulong run);
                count = Math.Min(Math.Min(_left, run), transfers ? PartSectors : _flash.MaxRange(_type));
                if (transfers) AddData(slot, (int)count * BlockDevice.SectorBytes);
                else _flash.SetRange(slot, at, (uint)count, _flags);
                if (!transfers) at = 0;
            }

            _requests[_current].Parts++;
            _flash.Submit(slot, _type, at, _current);
            _sector += count;
            _left -= count;
        }

        if (_thenFlush)
        {
            if (_requests[_current].Parts != 0) return false;
            _thenFlush = false;
            _type = VirtioBlockFormat.Flush;
            _left = 1;
            return TrySubmit();
        }

        int current = _current;
        _current = -1;
        if (_requests[current].Parts == 0) Finish(current);
        return true;
    }

    // The next bytes of the chain, which has them.
    private void AddData(int slot, int bytes)
    {
        Virtqueue queue = Queue(0);
        while (bytes != 0)
        {
            ref readonly ChainBuffer buffer = ref queue[_buffer];
            int n = Math.Min(buffer.Length - _at, bytes);
            if (n != 0) _flash.AddSegment(slot, _memory.DeviceAddress(buffer.Address + (uint)_at), n, buffer.Writable);
            Advance(buffer, n);
            bytes -= n;
        }
    }

    private void Finish(int tag)
    {
        ref Request request = ref _requests[tag];
        _free[_freeCount++] = tag;
        if (request.Transfers) _transfers--;
        _memory.Slice(request.StatusAddress, 1)[0] = request.Status;
        Queue(0).Return(request.Head, request.Written);
        _returned = true;
    }

    private void Advance(in ChainBuffer buffer, int bytes)
    {
        _at += bytes;
        if (_at != buffer.Length) return;
        _buffer++;
        _at = 0;
    }

    private void CopyFrom(Virtqueue queue, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            ref readonly ChainBuffer buffer = ref queue[_buffer];
            int n = Math.Min(buffer.Length - _at, destination.Length);
            if (n != 0) _memory.Slice(buffer.Address + (uint)_at, n).CopyTo(destination);
            Advance(buffer, n);
            destination = destination.Slice(n);
        }
    }

    private void SkipReadable(Virtqueue queue)
    {
        _at = 0;
        for (_buffer = 0; !queue[_buffer].Writable;) _buffer++;
    }

    private void WriteId(Virtqueue queue)
    {
        ReadOnlySpan<byte> left = _id;
        left = left.Slice(0, (int)Math.Min((ulong)left.Length, queue.WritableBytes - 1));
        while (!left.IsEmpty)
        {
            ref readonly ChainBuffer buffer = ref queue[_buffer];
            int n = Math.Min(buffer.Length - _at, left.Length);
            if (n != 0) left.Slice(0, n).CopyTo(_memory.Slice(buffer.Address + (uint)_at, n));
            Advance(buffer, n);
            left = left.Slice(n);
        }
    }

    // The status is the last byte that we may write, and there is one.
    private static ulong LastByte(Virtqueue queue)
    {
        int last = queue.Count - 1;
        while (queue[last].Length == 0) last--;
        return queue[last].Address + (uint)queue[last].Length - 1;
    }
}
