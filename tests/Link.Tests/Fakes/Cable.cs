using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Pocketvisor.Keeper.Link;

namespace Pocketvisor.Link.Tests;

/// <summary>
/// The cable between a PC, which has <see cref="Pc"/>, and a keeper. Both ends write whole frames, so a test can lose them or garble them on
/// their way.
/// </summary>
public sealed class Cable : ByteStream
{
    private const int Room = 100_000;

    private readonly object _lock = new();
    private readonly Queue<byte[]> _toKeeper = new();
    private int _readOfFirst;
    private uint _session;
    private bool _isNew;

    public Cable() => Pc = new PcEnd(this);

    public PcEnd Pc { get; private set; }

    /// <summary>Something is there for the keeper.</summary>
    public AutoResetEvent Arrived { get; } = new(false);

    /// <summary>What becomes of a frame; null loses it.</summary>
    public Func<byte[], byte[]> OnWayToKeeper { get; set; } = frame => frame;

    public Func<byte[], byte[]> OnWayToPc { get; set; } = frame => frame;

    public override bool IsOpen => true;

    public override uint Session => _session;

    /// <summary>The PC vanishes, with what it had not read, and another one comes.</summary>
    public PcEnd NewPc()
    {
        lock (_lock)
        {
            Pc.Vanish();
            _toKeeper.Clear();
            _readOfFirst = 0;
            _isNew = true;
            return Pc = new PcEnd(this);
        }
    }

    // The keeper hears of a new PC before anything that it says.
    public override void Poll()
    {
        lock (_lock)
        {
            if (_isNew) _session++;
            _isNew = false;
        }
    }

    public override int Read(Span<byte> destination)
    {
        lock (_lock)
        {
            int done = 0;
            while (done < destination.Length && !_isNew && _toKeeper.TryPeek(out byte[] first))
            {
                int n = Math.Min(first.Length - _readOfFirst, destination.Length - done);
                first.AsSpan(_readOfFirst, n).CopyTo(destination[done..]);
                done += n;
                _readOfFirst += n;
                if (_readOfFirst < first.Length) continue;
                _readOfFirst = 0;
                _toKeeper.Dequeue();
            }

            return done;
        }
    }

    public override bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isNew || Pc.Waiting + bytes.Length > Room) return false;
            if (OnWayToPc(bytes.ToArray()) is { } frame) Pc.Arrive(frame);
            return true;
        }
    }

    /// <summary>The PC's end.</summary>
    public sealed class PcEnd(Cable cable) : Stream
    {
        private readonly CancellationTokenSource _vanished = new();
        private readonly Queue<byte[]> _frames = new(); // under the cable's lock, as all below
        private readonly SemaphoreSlim _count = new(0);
        private ReadOnlyMemory<byte> _rest;

        /// <summary>Bytes that it has not read.</summary>
        public int Waiting { get; private set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Arrive(byte[] frame)
        {
            _frames.Enqueue(frame);
            Waiting += frame.Length;
            _count.Release();
        }

        public void Vanish() => _vanished.Cancel();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _vanished.Token);
            while (_rest.Length == 0)
            {
                await _count.WaitAsync(ended.Token);
                lock (cable._lock)
                {
                    byte[] frame = _frames.Dequeue();
                    Waiting -= frame.Length;
                    _rest = frame;
                }
            }

            int n = Math.Min(_rest.Length, buffer.Length);
            _rest[..n].CopyTo(buffer);
            _rest = _rest[n..];
            return n;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_vanished.IsCancellationRequested) throw new IOException("The PC is gone.");
            lock (cable._lock)
                if (cable.OnWayToKeeper(buffer.ToArray()) is { } frame) cable._toKeeper.Enqueue(frame);
            cable.Arrived.Set();
            return ValueTask.CompletedTask;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
