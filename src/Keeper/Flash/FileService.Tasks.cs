using System;
using Pocketvisor.Flash;
using Pocketvisor.Keeper.Link;
using Pocketvisor.Link;

namespace Pocketvisor.Keeper.Flash;

/// <content>What takes longer than a moment, in steps.</content>
public sealed partial class FileService
{
    private readonly byte[] _taskName = new byte[ProfileNames.MaxProfile];
    private int _taskNameLength;
    private FileTask _task;
    private ushort _taskId;
    private bool _taskIsHeard; // the PC that asked is still there

    // ListStore: the root, and in it the folder whose files are being counted. ListFiles: the folder.
    private FolderCursor _outer, _inner;
    private StoredKind _counted;
    private uint _entries; // sent so far, for the PC to see that none was lost
    private ulong _sum;

    // Prefix
    private ulong _digested, _toDigest;

    private ReadOnlySpan<byte> TaskName => new(_taskName, 0, _taskNameLength);

    public override void Step(LinkAnswers answers)
    {
        FlashStatus status;
        bool done = false;
        switch (_task)
        {
            case FileTask.ListStore:
                status = StepListStore(out done, answers);
                break;
            case FileTask.ListFiles:
                status = StepListFiles(out done, answers);
                break;
            case FileTask.Remove:
                status = _store.Remove(TaskName, out done);
                break;
            case FileTask.Abandon:
                status = _store.Abandon(TaskName, out done);
                break;
            case FileTask.Finish:
                status = _store.Finish(TaskName, out done);
                break;
            case FileTask.Prefix:
                status = StepPrefix(out done);
                break;
            default:
                return;
        }

        if (status == FlashStatus.Ok && !done) return;
        FileTask task = _task;
        _task = FileTask.None;
        if (task is FileTask.Remove or FileTask.Finish) _policy.Changed(TaskName); // a failed one too: part of it may be done
        if (!_taskIsHeard) return;
        if (status != FlashStatus.Ok) answers.Reply(LinkProtocol.Handset, _taskId, Of(status, answers));
        else if (task == FileTask.ListStore) SendStoreReply(answers);
        else if (task == FileTask.ListFiles) SendFilesReply(answers);
        else if (task == FileTask.Prefix) SendDigest(answers);
        else answers.Reply(LinkProtocol.Handset, _taskId, LinkStatus.Ok);
    }

    private bool IsBusyWith(ReadOnlySpan<byte> name) => _task is FileTask.Remove or FileTask.Abandon or FileTask.Finish && Bytes.Equal(name, TaskName);

    private LinkStatus BeginTask(LinkFrame request, LinkAnswers answers)
    {
        if (_task != FileTask.None) return LinkStatus.Busy;
        ReadOnlySpan<byte> payload = request.Payload;
        LinkStatus status = request.Type switch
        {
            LinkFrameType.Store => payload.Length == 0 ? BeginListStore() : LinkStatus.BadRequest,
            LinkFrameType.PushCommit => payload.Length == 0 ? BeginFinish(answers) : LinkStatus.BadRequest,
            LinkFrameType.Prefix => payload.Length == 8 ? BeginPrefix(LittleEndian.ReadU64(payload, 0)) : LinkStatus.BadRequest,
            _ when payload.Length < 2 || payload[0] is not ((byte)LinkStored.Profile or (byte)LinkStored.Unfinished) => LinkStatus.BadRequest,
            LinkFrameType.Files => BeginListFiles((LinkStored)payload[0], payload.Slice(1), answers),
            _ => BeginRemove((LinkStored)payload[0], payload.Slice(1), answers),
        };
        if (status != LinkStatus.Ok) return status;
        _taskId = request.RequestId;
        _taskIsHeard = true;
        _entries = 0;
        return Answered;
    }

    private LinkStatus BeginListStore()
    {
        _outer = _store.Begin();
        _counted = StoredKind.None;
        _task = FileTask.ListStore;
        return LinkStatus.Ok;
    }

    private LinkStatus BeginListFiles(LinkStored which, ReadOnlySpan<byte> name, LinkAnswers answers)
    {
        FlashStatus status = which == LinkStored.Unfinished ? _store.FindPart(name, out FileNode folder) : _store.Find(name, out folder);
        if (status != FlashStatus.Ok) return Of(status, answers);
        _inner = new FolderCursor(folder);
        _task = FileTask.ListFiles;
        return LinkStatus.Ok;
    }

    private LinkStatus BeginRemove(LinkStored which, ReadOnlySpan<byte> name, LinkAnswers answers)
    {
        bool unfinished = which == LinkStored.Unfinished;
        bool isCopied = unfinished ? _push.IsOpen && Bytes.Equal(name, _push.Name) : _pulls && Bytes.Equal(name, PullName);
        if (isCopied) return RefuseSecond(answers);
        LinkStatus refused = unfinished ? LinkStatus.Ok : RefuseRunning(name, answers);
        if (refused != LinkStatus.Ok) return refused;
        FlashStatus status = unfinished ? _store.FindPart(name, out _) : _store.Find(name, out _);
        if (status != FlashStatus.Ok) return Of(status, answers);
        Remember(name);
        _task = unfinished ? FileTask.Abandon : FileTask.Remove;
        return LinkStatus.Ok;
    }

    private LinkStatus BeginFinish(LinkAnswers answers)
    {
        if (!_push.IsOpen) return LinkStatus.BadRequest;
        LinkStatus refused = RefuseRunning(_push.Name, answers);
        if (refused != LinkStatus.Ok) return refused;
        Remember(_push.Name);
        FlashStatus status = _push.Commit();
        if (status != FlashStatus.Ok) return Of(status, answers);
        _task = FileTask.Finish;
        return LinkStatus.Ok;
    }

    private LinkStatus BeginPrefix(ulong bytes)
    {
        // A push goes on where it is, a pull anywhere between two blocks.
        if (!_streams && (!_push.HasFile || bytes != _push.At)) return LinkStatus.BadRequest;
        if (_streams && (bytes > _pulled.Length || bytes % LinkProtocol.FileBlockBytes != 0 && bytes != _pulled.Length || _frameLength != 0)) return LinkStatus.BadRequest;
        _digest.Reset();
        _digested = 0;
        _toDigest = bytes;
        _task = FileTask.Prefix;
        return LinkStatus.Ok;
    }

    private void Remember(ReadOnlySpan<byte> name)
    {
        name.CopyTo(_taskName);
        _taskNameLength = name.Length;
    }

    private FlashStatus StepListStore(out bool done, LinkAnswers answers)
    {
        done = false;
        if (_counted != StoredKind.None)
        {
            // A folder that can't be read to its end counts as far as it can.
            FlashStatus inner = Volume.Next(ref _inner, out FileNode file);
            if (inner == FlashStatus.Ok) _sum += file.Length;
            else SendStoreEntry(answers);
            return FlashStatus.Ok;
        }

        FlashStatus status = _store.Next(ref _outer, out FileNode folder, out StoredKind kind);
        done = status == FlashStatus.NotFound;
        if (done) return FlashStatus.Ok;
        if (kind == StoredKind.None) return status;
        Remember(_store.FoundName);
        _counted = kind;
        _inner = new FolderCursor(folder);
        _sum = 0;
        return status;
    }

    private FlashStatus StepListFiles(out bool done, LinkAnswers answers)
    {
        FlashStatus status = Volume.Next(ref _inner, out FileNode file);
        done = status == FlashStatus.NotFound;
        if (done) return FlashStatus.Ok;
        if (status != FlashStatus.Ok || file.IsFolder || !ProfileNames.IsFile(Volume.LastName)) return status;
        Span<byte> payload = answers.Payload(16 + Volume.LastName.Length);
        LittleEndian.WriteU64(payload, 0, file.Length);
        LittleEndian.WriteU64(payload, 8, file.ValidLength);
        Volume.LastName.CopyTo(payload.Slice(16));
        answers.Send(LinkFrameType.FileEntry, LinkProtocol.Handset, _taskId, payload.Length);
        _entries++;
        return FlashStatus.Ok;
    }

    private FlashStatus StepPrefix(out bool done)
    {
        done = _digested == _toDigest;
        if (done) return FlashStatus.Ok;
        Span<byte> block = new(_block, 0, (int)Math.Min((ulong)_block.Length, _toDigest - _digested));
        FlashStatus status = _streams ? Volume.Read(_pulled, _digested, block) : _push.Read(_digested, block);
        if (status != FlashStatus.Ok) return status;
        _digest.Append(_digested, block);
        _digested += (ulong)block.Length;
        return FlashStatus.Ok;
    }

    private void SendStoreEntry(LinkAnswers answers)
    {
        Span<byte> payload = answers.Payload(LinkStoreEntry.Bytes + _taskNameLength);
        _ = new LinkStoreEntry(payload)
        {
            FileBytes = _sum,
            Kind = _counted == StoredKind.Unfinished ? LinkStored.Unfinished : LinkStored.Profile,
            IsRunning = _counted == StoredKind.Profile && _policy.IsRunning(TaskName),
            Name = TaskName,
        };
        answers.Send(LinkFrameType.StoreEntry, LinkProtocol.Handset, _taskId, payload.Length);
        _counted = StoredKind.None;
        _entries++;
    }

    private void SendStoreReply(LinkAnswers answers)
    {
        Span<byte> payload = answers.Payload(20);
        LittleEndian.WriteU64(payload, 0, Volume.FreeBytes);
        LittleEndian.WriteU64(payload, 8, Volume.TotalBytes);
        LittleEndian.WriteU32(payload, 16, _entries);
        answers.Send(LinkFrameType.StoreReply, LinkProtocol.Handset, _taskId, payload.Length);
    }

    private void SendFilesReply(LinkAnswers answers)
    {
        LittleEndian.WriteU32(answers.Payload(4), 0, _entries);
        answers.Send(LinkFrameType.FilesReply, LinkProtocol.Handset, _taskId, 4);
    }

    private void SendDigest(LinkAnswers answers)
    {
        _digest.Finish(_toDigest, _prefix);
        _digest.Continue(_prefix);
        _pullAt = _toDigest;
        _aheadLength = 0;
        new ReadOnlySpan<byte>(_prefix).CopyTo(answers.Payload(Digest.Bytes));
        answers.Send(LinkFrameType.DigestReply, LinkProtocol.Handset, _taskId, Digest.Bytes);
    }
}
