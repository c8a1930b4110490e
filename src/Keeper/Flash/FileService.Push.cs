using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Flash;

/// <content>From the PC to the flash.</content>
public sealed partial class FileService
{
    private ushort _pushId;    // of the PushFile whose data may come
    private bool _pushFailed;  // it has been told, and what is still under way for it is ignored
    private int _unreported;   // frames

    private LinkStatus PushBegin(LinkFrame request, LinkAnswers answers)
    {
        if (request.Payload.Length < 2) return LinkStatus.BadRequest;
        bool replace = request.Payload[0] != 0;
        ReadOnlySpan<byte> name = request.Payload.Slice(1);
        LinkStatus refused = RefuseSecond(answers);
        if (refused == LinkStatus.Ok && replace) refused = RefuseRunning(name, answers);
        if (refused != LinkStatus.Ok) return refused;
        if (IsBusyWith(name)) return LinkStatus.Busy;
        Volume.Timestamp = Timestamps.FromUnix(_policy.Seconds);
        FlashStatus status = _push.Begin(name, replace);
        if (status == FlashStatus.Ok) _transferId = request.RequestId;
        if (status != FlashStatus.Exists) return Of(status, answers);
        answers.Reason.Add(name).Add(" is on the handset already: `pocket push --replace` puts this one in its place"u8);
        return LinkStatus.WrongState;
    }

    private LinkStatus PushFile(LinkFrame request, LinkAnswers answers)
    {
        if (request.Payload.Length <= 9 || !_push.IsOpen) return LinkStatus.BadRequest;
        if (_task == FileTask.Prefix) return LinkStatus.Busy;
        _push.EndFile(); // one that the PC gave up: what came of it stays
        ReadOnlySpan<byte> file = request.Payload.Slice(9);
        FlashStatus status = _push.BeginFile(file, LittleEndian.ReadU64(request.Payload, 0), request.Payload[8] != 0);
        if (status != FlashStatus.Ok) return Of(status, answers);
        _pushId = request.RequestId;
        _pushFailed = false;
        _unreported = 0;
        _digest.Begin(_push.Name, file);
        return FileReply(request, _push.At, answers);
    }

    private void PushData(LinkFrame request, LinkAnswers answers)
    {
        if (!IsForPush(request)) return;
        ReadOnlySpan<byte> payload = request.Payload;
        if (!IsNext(payload, 8, payload.Length - 8, LinkProtocol.FileBlockBytes))
        {
            FailPush(request, LinkStatus.BadRequest, answers);
            return;
        }

        ReadOnlySpan<byte> block = payload.Slice(8);
        ulong at = _push.At;
        FlashStatus status = _push.Append(block);
        if (status == FlashStatus.Ok) _digest.Append(at, block);
        Report(request, status, answers);
    }

    private void PushZeros(LinkFrame request, LinkAnswers answers)
    {
        if (!IsForPush(request)) return;
        uint count = request.Payload.Length == 12 ? LittleEndian.ReadU32(request.Payload, 8) : 0;
        if (!IsNext(request.Payload, 12, count, LinkProtocol.MaxZeros)) FailPush(request, LinkStatus.BadRequest, answers);
        else Report(request, _push.AppendZeros(count), answers);
    }

    private LinkStatus PushFileEnd(LinkFrame request, LinkAnswers answers)
    {
        if (request.Payload.Length != Digest.Bytes || !_push.HasFile || _pushFailed || _task == FileTask.Prefix) return LinkStatus.BadRequest;
        bool complete = _push.At == _push.Length;
        _digest.Finish(_push.Length, _prefix);
        _push.EndFile();
        if (complete && Bytes.Equal(_prefix, request.Payload)) return LinkStatus.Ok;
        answers.Reason.Add("the file changed on its way to the handset; push it again"u8);
        return LinkStatus.Failed;
    }

    // Frames of a file that failed, or was given up, may still be under way: they count for nothing.
    private bool IsForPush(LinkFrame request) => _push.HasFile && !_pushFailed && request.RequestId == _pushId;

    /// <summary>Whether these are the next bytes: whole blocks, or the rest of the file.</summary>
    private bool IsNext(ReadOnlySpan<byte> payload, int least, long count, uint most)
    {
        if (payload.Length < least || count <= 0 || count > most || _task == FileTask.Prefix) return false;
        ulong rest = _push.Length - _push.At;
        if (LittleEndian.ReadU64(payload, 0) != _push.At || (ulong)count > rest) return false;
        return count % LinkProtocol.FileBlockBytes == 0 || (ulong)count == rest;
    }

    private void Report(LinkFrame request, FlashStatus status, LinkAnswers answers)
    {
        if (status != FlashStatus.Ok)
        {
            FailPush(request, Of(status, answers), answers);
            return;
        }

        if (++_unreported < LinkProtocol.FileReport && _push.At < _push.Length) return;
        _unreported = 0;
        LittleEndian.WriteU64(answers.Payload(8), 0, _push.At);
        answers.Send(LinkFrameType.Received, request.Profile, request.RequestId, 8);
    }

    private void FailPush(LinkFrame request, LinkStatus status, LinkAnswers answers)
    {
        _pushFailed = true;
        if (answers.Reason.Length == 0) answers.Reason.Add("a piece of the file did not come as it should; push it again"u8);
        answers.Reply(request.Profile, request.RequestId, status);
    }
}
