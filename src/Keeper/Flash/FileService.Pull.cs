using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Flash;

/// <content>From the flash to the PC.</content>
public sealed partial class FileService
{
    // Blocks of zeros are put together, but not more at once than can be read in a few milliseconds.
    private const int MostZeroBlocks = 8;

    private const uint MostCredit = 4 * LinkProtocol.FileWindow;

    private readonly byte[] _pullName = new byte[ProfileNames.MaxProfile];
    private readonly byte[] _frame = new byte[LinkProtocol.MaxFrame];
    private int _pullNameLength;
    private bool _pulls;       // a profile is held
    private bool _streams;     // a file is open, and its end has not been sent
    private FileNode _pulled;
    private ulong _pullAt;
    private readonly byte[] _ahead = new byte[2 * LinkProtocol.FileBlockBytes]; // as much as the flash's driver gives at once
    private ulong _aheadFrom;
    private int _aheadLength;
    private ushort _pullId;
    private uint _credit;
    private int _frameLength;  // of the frame that waits for the cable

    private ReadOnlySpan<byte> PullName => new(_pullName, 0, _pullNameLength);

    public override Span<byte> NextFrame(LinkAnswers answers)
    {
        if (_frameLength == 0 && _streams && _credit != 0 && _task != FileTask.Prefix) MakeFrame(answers);
        return new Span<byte>(_frame, 0, _frameLength);
    }

    public override void FrameSent() => _frameLength = 0;

    private LinkStatus PullBegin(LinkFrame request, LinkAnswers answers)
    {
        ReadOnlySpan<byte> name = request.Payload;
        LinkStatus refused = RefuseSecond(answers);
        if (refused == LinkStatus.Ok) refused = RefuseRunning(name, answers);
        if (refused != LinkStatus.Ok) return refused;
        if (IsBusyWith(name)) return LinkStatus.Busy;
        FlashStatus status = _store.Find(name, out _);
        if (status != FlashStatus.Ok) return Of(status, answers);
        name.CopyTo(_pullName);
        _pullNameLength = name.Length;
        _pulls = true;
        _transferId = request.RequestId;
        return LinkStatus.Ok;
    }

    private LinkStatus PullFile(LinkFrame request, LinkAnswers answers)
    {
        if (!_pulls) return LinkStatus.BadRequest;
        if (_task == FileTask.Prefix) return LinkStatus.Busy;
        _streams = false;
        FlashStatus status = _store.Open(PullName, request.Payload, out _pulled);
        if (status != FlashStatus.Ok) return Of(status, answers);
        _streams = true;
        _pullId = request.RequestId;
        _pullAt = 0;
        _aheadLength = 0;
        _credit = 0;
        _frameLength = 0;
        _digest.Begin(PullName, request.Payload);
        return FileReply(request, _pulled.Length, answers);
    }

    private void Credit(LinkFrame request)
    {
        if (request.RequestId != _pullId || request.Payload.Length != 4) return;
        _credit = Math.Min(MostCredit, _credit + Math.Min(MostCredit, LittleEndian.ReadU32(request.Payload, 0)));
    }

    private void ClosePull()
    {
        _pulls = _streams = false;
        _frameLength = 0;
    }

    private void MakeFrame(LinkAnswers answers)
    {
        _credit--;
        Span<byte> payload = new(_frame, LinkProtocol.HeaderBytes, LinkProtocol.MaxPayload);
        LittleEndian.WriteU64(payload, 0, _pullAt);
        ulong start = _pullAt;
        while (_pullAt < _pulled.Length && _pullAt - start < MostZeroBlocks * (ulong)LinkProtocol.FileBlockBytes)
        {
            FlashStatus status = ReadBlock(out ReadOnlySpan<byte> block);
            if (status != FlashStatus.Ok)
            {
                _streams = false;
                answers.Reply(LinkProtocol.Handset, _pullId, Of(status, answers));
                return;
            }

            if (!Zeros.Are(block))
            {
                if (_pullAt != start) break; // the zeros first
                block.CopyTo(payload.Slice(8));
                _digest.Append(_pullAt, block);
                _pullAt += (ulong)block.Length;
                Wrap(LinkFrameType.Data, 8 + block.Length);
                return;
            }

            _pullAt += (ulong)block.Length;
        }

        if (_pullAt != start)
        {
            LittleEndian.WriteU64(payload, 8, _pullAt - start);
            Wrap(LinkFrameType.Zeros, 16);
            return;
        }

        _digest.Finish(_pulled.Length, payload);
        _streams = false;
        Wrap(LinkFrameType.FileEnd, Digest.Bytes);
    }

    /// <summary>The block at the place, of which the flash gives several at a time.</summary>
    private FlashStatus ReadBlock(out ReadOnlySpan<byte> block)
    {
        block = default;
        if (_pullAt - _aheadFrom >= (ulong)_aheadLength)
        {
            _aheadLength = (int)Math.Min((ulong)_ahead.Length, _pulled.Length - _pullAt);
            _aheadFrom = _pullAt;
            FlashStatus status = Volume.Read(_pulled, _pullAt, new Span<byte>(_ahead, 0, _aheadLength));
            if (status != FlashStatus.Ok) return status;
        }

        int skip = (int)(_pullAt - _aheadFrom);
        block = new ReadOnlySpan<byte>(_ahead, skip, Math.Min(LinkProtocol.FileBlockBytes, _aheadLength - skip));
        return FlashStatus.Ok;
    }

    private void Wrap(LinkFrameType type, int payloadLength)
    {
        LinkFrame.Seal(_frame, type, LinkProtocol.Handset, payloadLength, _pullId);
        _frameLength = LinkProtocol.HeaderBytes + payloadLength;
    }
}
