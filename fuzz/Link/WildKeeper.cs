using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using Pocketvisor.Link;

namespace Pocketvisor.Fuzz.Link;

/// <summary>
/// A keeper at the other end of a cable that answers each request as the input says, and with a refusal where that would be no answer at all, so that nobody waits. When the
/// input ends, so does the link.
/// </summary>
internal sealed class WildKeeper(Choices choices) : Stream
{
    private static readonly byte[][] s_names = [.. new[] { "profile.json", "Image", "work", "..", "../up", "a/b", "é", "Profile.json" }.Select(Encoding.UTF8.GetBytes)];


    private readonly Channel<byte[]> _toPc = Channel.CreateUnbounded<byte[]>();
    private readonly object _lock = new();
    private ReadOnlyMemory<byte> _rest;
    private byte[] _length = new byte[8]; // of the file that was listed last

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.Length == 0)
        {
            if (!await _toPc.Reader.WaitToReadAsync(cancellationToken)) return 0;
            _rest = await _toPc.Reader.ReadAsync(cancellationToken);
        }

        int n = Math.Min(_rest.Length, buffer.Length);
        _rest[..n].CopyTo(buffer);
        _rest = _rest[n..];
        return n;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_lock) Answer(buffer.Span);
        return ValueTask.CompletedTask;
    }

    protected override void Dispose(bool disposing)
    {
        _toPc.Writer.TryComplete();
        base.Dispose(disposing);
    }

    private void Answer(ReadOnlySpan<byte> request)
    {
        LinkFrameType type = (LinkFrameType)request[1], right = type == LinkFrameType.Credit ? LinkFrameType.FileEnd : LinkProtocol.AnswerTo(type);
        ushort id = BitConverter.ToUInt16(request[6..]);
        bool answered = false;
        for (int frames = choices.Byte() % 8; frames > 0; frames--)
        {
            byte what = choices.Byte();
            LinkFrameType answer = (what & 3) switch { 0 => right, 1 => (LinkFrameType)choices.Byte(), 2 => Between(type), _ => LinkFrameType.Reply };
            bool elsewhere = (what & 0x1C) == 0x1C;
            Say(answer, elsewhere ? choices.Byte() : id, (what & 0x20) == 0 ? Right(answer) : choices.Bytes(choices.Byte()).ToArray());
            answered |= !elsewhere && type != LinkFrameType.Credit && answer is var a && (a == right || a == LinkFrameType.Reply);
        }

        if (choices.HasMore && (choices.Byte() & 0x40) != 0) _toPc.Writer.TryWrite(choices.Bytes(choices.Byte()).ToArray()); // which is skipped

        if (!choices.HasMore) _toPc.Writer.TryComplete();
        else if (!answered) Say(LinkFrameType.Reply, id, [4, .. "no"u8]);
    }

    private void Say(LinkFrameType type, ushort id, byte[] payload)
    {
        byte[] frame = new byte[LinkProtocol.HeaderBytes + payload.Length];
        LinkFrame.Write(frame, type, choices.Byte(), payload, id);
        _toPc.Writer.TryWrite(frame);
    }

    // A payload of the kind that the PC hopes for; its numbers are the input's.
    private byte[] Right(LinkFrameType type) => type switch
    {
        LinkFrameType.Welcome => [(byte)LinkProtocol.Version, 0, 0, 0, choices.Byte(), 0, 0, 0, 0, 0, 0, 0],
        LinkFrameType.HelloReply => [(byte)LinkProtocol.Version, 0, 0, 0, 4, 2, 0, 0, .. Numbers(3)],
        LinkFrameType.ListReply => [.. Numbers(1), .. Enumerable.Range(0, choices.Byte() % 3).SelectMany(_ => (byte[])[choices.Byte(), 0, choices.Byte(), 1, .. Numbers(1)[..4], .. Numbers(4), .. Padded(32), .. new byte[24]])],
        LinkFrameType.OwnersReply => Numbers(5),
        LinkFrameType.StoreEntry => [.. Numbers(1), choices.Byte(), choices.Byte(), .. new byte[6], .. Name()],
        LinkFrameType.StoreReply => [.. Numbers(2), choices.Byte(), 0, 0, 0],
        LinkFrameType.FileEntry => [.. _length = Numbers(1), .. Numbers(1), .. Name()],
        LinkFrameType.FilesReply => [choices.Byte(), 0, 0, 0],
        LinkFrameType.FileReply => choices.Byte() % 4 != 0 ? _length : Numbers(1),
        LinkFrameType.Data => [0, (byte)(choices.Byte() & 0x80), choices.Byte(), 0, 0, 0, 0, 0, .. new byte[choices.U16() % 0x8001]],
        LinkFrameType.Zeros => [0, (byte)(choices.Byte() & 0x80), choices.Byte(), 0, 0, 0, 0, 0, .. choices.Byte() % 4 != 0 ? _length : Numbers(1)],
        LinkFrameType.DigestReply or LinkFrameType.FileEnd => [.. Numbers(4)],
        LinkFrameType.Reply => choices.Byte() % 4 == 0 ? [choices.Byte(), .. Name()] : [0],
        _ => choices.Bytes(choices.Byte()).ToArray(),
    };

    private byte[] Numbers(int count) => [.. Enumerable.Range(0, count).SelectMany(_ => BitConverter.GetBytes(choices.Byte() == 255 ? choices.U64() : choices.U16()))];

    private byte[] Name() => choices.Byte() % (s_names.Length + 1) is var i && i < s_names.Length ? s_names[i] : choices.Bytes(choices.Byte() % 40).ToArray();

    private byte[] Padded(int length)
    {
        byte[] bytes = new byte[length];
        choices.Bytes(choices.Byte() % (length + 1)).CopyTo(bytes);
        return bytes;
    }

    private LinkFrameType Between(LinkFrameType request) => request switch
    {
        LinkFrameType.Store => LinkFrameType.StoreEntry,
        LinkFrameType.Files => LinkFrameType.FileEntry,
        LinkFrameType.Credit => choices.Byte() % 2 == 0 ? LinkFrameType.Data : LinkFrameType.Zeros,
        _ => (LinkFrameType)((int)LinkFrameType.Output + choices.Byte() % 3), // an event
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
