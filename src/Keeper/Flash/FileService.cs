using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Flash;

/// <summary>
/// Profiles on the flash for the PC: lists, pushes, pulls, removals. One transfer at a time, and beside it one request that takes
/// steps (<see cref="FileTask"/>). On the link's core.
/// </summary>
public sealed partial class FileService : LinkFiles
{
    private readonly ProfileStore _store;
    private readonly FilePolicy _policy;
    private readonly ContentDigest _digest; // of the file that is transferred
    private readonly ProfilePush _push;
    private readonly byte[] _block = new byte[LinkProtocol.FileBlockBytes];
    private readonly byte[] _prefix = new byte[Digest.Bytes];
    private ushort _transferId; // the request that began the last one

    /// <param name="store">On a volume that is mounted.</param>
    /// <param name="sha256">For this service alone.</param>
    public FileService(ProfileStore store, Digest sha256, FilePolicy policy)
    {
        _store = store;
        _policy = policy;
        _digest = new ContentDigest(sha256);
        _push = new ProfilePush(store);
    }

    public override bool IsBusy => _task != FileTask.None;

    private ExFatVolume Volume => _store.Volume;

    /// <summary>Whether a profile must not start now, because its files are being copied, replaced or removed.</summary>
    public bool Holds(ReadOnlySpan<byte> name) =>
        _pulls && Bytes.Equal(name, PullName) || _task is FileTask.Remove or FileTask.Finish && Bytes.Equal(name, TaskName);

    public override void Take(LinkFrame request, LinkAnswers answers)
    {
        switch (request.Type)
        {
            case LinkFrameType.PushData:
                PushData(request, answers);
                return;
            case LinkFrameType.PushZeros:
                PushZeros(request, answers);
                return;
            case LinkFrameType.Credit:
                Credit(request);
                return;
        }

        LinkStatus status = request.Type switch
        {
            LinkFrameType.Store or LinkFrameType.Files or LinkFrameType.Remove or LinkFrameType.PushCommit or LinkFrameType.Prefix => BeginTask(request, answers),
            LinkFrameType.PushBegin => PushBegin(request, answers),
            LinkFrameType.PushDrop => Of(_push.Drop(request.Payload), answers),
            LinkFrameType.PushFile => PushFile(request, answers),
            LinkFrameType.PushFileEnd => PushFileEnd(request, answers),
            LinkFrameType.PullBegin => PullBegin(request, answers),
            LinkFrameType.PullFile => PullFile(request, answers),
            LinkFrameType.Leave => Leave(request),
            _ => LinkStatus.BadRequest,
        };
        if (status != Answered) answers.Reply(request.Profile, request.RequestId, status);
    }

    public override void Forget()
    {
        EndTransfer();
        // What changes the flash goes on to its end, whoever asked for it.
        if (_task is FileTask.ListStore or FileTask.ListFiles) _task = FileTask.None;
        _taskIsHeard = false;
    }

    // Not a status on the wire: an answer is on its way, or will be when a task is done.
    private const LinkStatus Answered = (LinkStatus)0xFF;

    private LinkStatus Leave(LinkFrame request)
    {
        if (request.Payload.Length != 2) return LinkStatus.BadRequest;
        if (LittleEndian.ReadU16(request.Payload, 0) == _transferId) EndTransfer(); // and not somebody else's
        return LinkStatus.Ok;
    }

    private void EndTransfer()
    {
        _push.Leave();
        ClosePull();
        if (_task == FileTask.Prefix) _task = FileTask.None;
    }

    /// <summary>Why a transfer can't begin; Ok if it can.</summary>
    private LinkStatus RefuseSecond(LinkAnswers answers)
    {
        if (!_push.IsOpen && !_pulls) return LinkStatus.Ok;
        answers.Reason.Add(_push.IsOpen ? _push.Name : PullName).Add(" is being copied; wait until that is done"u8);
        return LinkStatus.Busy;
    }

    private LinkStatus RefuseRunning(ReadOnlySpan<byte> name, LinkAnswers answers)
    {
        if (!_policy.IsRunning(name)) return LinkStatus.Ok;
        answers.Reason.Add(name).Add(" is running, so its files are locked: stop it with `pocket stop "u8).Add(name).Add("`"u8);
        return LinkStatus.WrongState;
    }

    /// <summary>A status of the flash for the PC, and its sentence.</summary>
    private LinkStatus Of(FlashStatus status, LinkAnswers answers)
    {
        if (status == FlashStatus.Ok) return LinkStatus.Ok;
        answers.Reason.Add(FlashSentences.Of(status));
        if (status is FlashStatus.Damaged or FlashStatus.NotExFat) answers.Reason.Add(": "u8).Add(Volume.Problem);
        return status switch
        {
            FlashStatus.NotFound => LinkStatus.NoSuchProfile,
            FlashStatus.Exists => LinkStatus.WrongState,
            FlashStatus.BadName or FlashStatus.WrongKind or FlashStatus.OutOfRange => LinkStatus.BadRequest,
            _ => LinkStatus.Failed,
        };
    }

    private static LinkStatus FileReply(LinkFrame request, ulong bytes, LinkAnswers answers)
    {
        LittleEndian.WriteU64(answers.Payload(8), 0, bytes);
        answers.Send(LinkFrameType.FileReply, request.Profile, request.RequestId, 8);
        return Answered;
    }
}
