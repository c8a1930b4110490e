using System;
using Pocketvisor.Flash;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Link;

// What the PC asks for.
public sealed partial class LinkServer
{
    private void Answer(LinkFrame request)
    {
        switch (request.Type)
        {
            case LinkFrameType.Knock:
                Welcome(request);
                return;

            case LinkFrameType.Hello:
                Hello(request);
                return;

            case LinkFrameType.List:
                List(request);
                return;

            case LinkFrameType.Owners:
                _handler.Owners(new LinkOwnersReply(_answers.Payload(LinkOwnersReply.Bytes)));
                _answers.Send(LinkFrameType.OwnersReply, request.Profile, request.RequestId, LinkOwnersReply.Bytes);
                return;

            case LinkFrameType.Input:
                if (request.Profile < _handler.ProfileCount) _handler.Input(request.Profile, request.Payload);
                return;

            case LinkFrameType.Resize:
                Resize(request);
                return;

            default:
                if (LinkFiles.Has(request.Type) && _files != null) _files.Take(request, _answers);
                else if (request.Type != LinkFrameType.Credit) _answers.Reply(request.Profile, request.RequestId, Act(request));
                return;
        }
    }

    private void Resize(LinkFrame request)
    {
        if (request.Profile >= _handler.ProfileCount || request.Payload.Length != 4) return;
        int columns = LittleEndian.ReadU16(request.Payload, 0), rows = LittleEndian.ReadU16(request.Payload, 2);
        if (columns != 0 && rows != 0) _handler.Resize(request.Profile, columns, rows);
    }

    private LinkStatus Act(LinkFrame request)
    {
        if (LinkFiles.Has(request.Type))
        {
            _answers.Reason.Add("the handset has no flash that it can use; its log says why"u8);
            return LinkStatus.Failed;
        }

        bool onProfile = request.Type is LinkFrameType.Start or LinkFrameType.Stop or LinkFrameType.Restart;
        if (!onProfile && request.Type != LinkFrameType.Shutdown) return LinkStatus.BadRequest;
        if (request.Payload.Length != (request.Type == LinkFrameType.Start ? 0 : 1)) return LinkStatus.BadRequest;
        if (onProfile && request.Profile >= _handler.ProfileCount) return LinkStatus.NoSuchProfile;

        bool force = request.Payload.Length == 1 && request.Payload[0] != 0;
        return request.Type switch
        {
            LinkFrameType.Start => _handler.Start(request.Profile, _answers.Reason),
            LinkFrameType.Stop => _handler.Stop(request.Profile, force, _answers.Reason),
            LinkFrameType.Restart => _handler.Restart(request.Profile, force, _answers.Reason),
            _ => _handler.Shutdown(force, _answers.Reason),
        };
    }

    private void Welcome(LinkFrame request)
    {
        if (request.Payload.Length != 4)
        {
            _answers.Reply(request.Profile, request.RequestId, LinkStatus.BadRequest);
            return;
        }

        Span<byte> payload = _answers.Payload(12);
        LittleEndian.WriteU32(payload, 0, LinkProtocol.Version);
        LittleEndian.WriteU32(payload, 4, _receiver.Key);
        request.Payload.CopyTo(payload.Slice(8));
        _answers.Send(LinkFrameType.Welcome, request.Profile, request.RequestId, payload.Length);
    }

    private void Hello(LinkFrame request)
    {
        if (request.Payload.Length != 8)
        {
            _answers.Reply(request.Profile, request.RequestId, LinkStatus.BadRequest);
            return;
        }

        Forget();
        _greeted = true;
        _sender.Key = LittleEndian.ReadU32(request.Payload, 4);
        LinkHelloReply reply = new(_answers.Payload(LinkHelloReply.Bytes)) { Version = LinkProtocol.Version };
        _handler.Hello(reply);
        _answers.Send(LinkFrameType.HelloReply, request.Profile, request.RequestId, LinkHelloReply.Bytes);
    }

    private void List(LinkFrame request)
    {
        int slots = Math.Min(_handler.ProfileCount, LinkProfileRecord.MaxRecords);
        Span<byte> payload = _answers.Payload(LinkProfileRecord.First + slots * LinkProfileRecord.Bytes);
        LittleEndian.WriteU64(payload, 0, _handler.Now);
        int end = LinkProfileRecord.First;
        for (int i = 0; i < slots; i++)
        {
            LinkProfileRecord record = new(payload.Slice(end)) { Index = (ushort)i };
            if (_handler.TryDescribe(i, record)) end += LinkProfileRecord.Bytes;
        }

        _answers.Send(LinkFrameType.ListReply, request.Profile, request.RequestId, end);
    }
}
