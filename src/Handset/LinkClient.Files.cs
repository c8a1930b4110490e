using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Link;

namespace Pocketvisor.Handsets;

/// <content>The requests about profiles on the flash, one to one as the protocol has them. <see cref="LinkStore"/> makes transfers of them.</content>
public sealed partial class LinkClient
{
    // Bytes in a second.
    private const long SlowestFlash = 2 << 20;

    private readonly Dictionary<ushort, LinkStream> _streams = []; // under the lock of _pending

    /// <summary>Asks what is on the flash.</summary>
    /// <exception cref="HandsetException">The keeper refused.</exception>
    public async Task<StoreContents> StoreAsync(CancellationToken cancellation = default)
    {
        using var stream = Open(LinkStream.MostEntries);
        var reply = await RequestAsync(stream.Id, LinkFrameType.Store, LinkProtocol.Handset, default, 20, cancellation).ConfigureAwait(false);
        List<StoredProfile> profiles = [];
        while (stream.TryRead(out var frame))
        {
            if (frame.Type != LinkFrameType.StoreEntry || frame.Payload.Length <= LinkStoreEntry.Bytes)
                throw Misunderstood();
            var entry = new LinkStoreEntry(frame.Payload);
            profiles.Add(new StoredProfile(Encoding.UTF8.GetString(entry.Name), (long)entry.FileBytes, entry.IsRunning, entry.Kind == LinkStored.Unfinished));
        }
        if (profiles.Count != LittleEndian.ReadU32(reply, 16))
            throw Misunderstood();
        profiles.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new StoreContents((long)LittleEndian.ReadU64(reply, 0), (long)LittleEndian.ReadU64(reply, 8), profiles);
    }

    internal async Task<IReadOnlyList<StoredFile>> FilesAsync(LinkStored kind, string profile, CancellationToken cancellation)
    {
        using var stream = Open(LinkStream.MostEntries);
        var reply = await RequestAsync(stream.Id, LinkFrameType.Files, LinkProtocol.Handset, Named((byte)kind, profile), 4, cancellation).ConfigureAwait(false);
        List<StoredFile> files = [];
        while (stream.TryRead(out var frame))
        {
            if (frame.Type != LinkFrameType.FileEntry || frame.Payload.Length <= 16)
                throw Misunderstood();
            files.Add(new StoredFile(Encoding.UTF8.GetString(frame.Payload.AsSpan(16)), (long)LittleEndian.ReadU64(frame.Payload, 0), (long)LittleEndian.ReadU64(frame.Payload, 8)));
        }
        return files.Count == LittleEndian.ReadU32(reply, 0) ? files : throw Misunderstood();
    }

    internal Task RemoveAsync(LinkStored kind, string profile, CancellationToken cancellation) =>
        CommandAsync(LinkFrameType.Remove, LinkProtocol.Handset, Named((byte)kind, profile), cancellation);

    internal Task PushBeginAsync(LinkStream transfer, string profile, bool replace, CancellationToken cancellation) =>
        RequestAsync(transfer.Id, LinkFrameType.PushBegin, LinkProtocol.Handset, Named((byte)(replace ? 1 : 0), profile), 1, cancellation);

    internal Task PushDropAsync(string file, CancellationToken cancellation) =>
        CommandAsync(LinkFrameType.PushDrop, LinkProtocol.Handset, Encoding.UTF8.GetBytes(file), cancellation);

    /// <returns>How much of the file is there.</returns>
    internal async Task<long> PushFileAsync(LinkStream stream, string file, long length, bool anew, CancellationToken cancellation)
    {
        var payload = new byte[9 + Encoding.UTF8.GetByteCount(file)];
        LittleEndian.WriteU64(payload, 0, (ulong)length);
        payload[8] = (byte)(anew ? 1 : 0);
        Encoding.UTF8.GetBytes(file, payload.AsSpan(9));
        return (long)LittleEndian.ReadU64(await RequestAsync(stream.Id, LinkFrameType.PushFile, LinkProtocol.Handset, payload, 8, cancellation).ConfigureAwait(false), 0);
    }

    internal Task PushDataAsync(LinkStream stream, long offset, ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        var payload = new byte[8 + block.Length];
        LittleEndian.WriteU64(payload, 0, (ulong)offset);
        block.CopyTo(payload.AsMemory(8));
        return SendAsync(LinkFrameType.PushData, LinkProtocol.Handset, payload, stream.Id, cancellation);
    }

    internal Task PushZerosAsync(LinkStream stream, long offset, uint count, CancellationToken cancellation)
    {
        var payload = new byte[12];
        LittleEndian.WriteU64(payload, 0, (ulong)offset);
        LittleEndian.WriteU32(payload, 8, count);
        return SendAsync(LinkFrameType.PushZeros, LinkProtocol.Handset, payload, stream.Id, cancellation);
    }

    internal Task PushFileEndAsync(byte[] digest, CancellationToken cancellation) =>
        CommandAsync(LinkFrameType.PushFileEnd, LinkProtocol.Handset, digest, cancellation);

    internal Task PushCommitAsync(CancellationToken cancellation) =>
        CommandAsync(LinkFrameType.PushCommit, LinkProtocol.Handset, default, cancellation);

    internal Task PullBeginAsync(LinkStream transfer, string profile, CancellationToken cancellation) =>
        RequestAsync(transfer.Id, LinkFrameType.PullBegin, LinkProtocol.Handset, Encoding.UTF8.GetBytes(profile), 1, cancellation);

    /// <returns>The file's length.</returns>
    internal async Task<long> PullFileAsync(LinkStream stream, string file, CancellationToken cancellation) =>
        (long)LittleEndian.ReadU64(
            await RequestAsync(stream.Id, LinkFrameType.PullFile, LinkProtocol.Handset, Encoding.UTF8.GetBytes(file), 8, cancellation).ConfigureAwait(false), 0);

    internal Task CreditAsync(LinkStream stream, uint frames, CancellationToken cancellation)
    {
        var payload = new byte[4];
        LittleEndian.WriteU32(payload, 0, frames);
        return SendAsync(LinkFrameType.Credit, LinkProtocol.Handset, payload, stream.Id, cancellation);
    }

    // The keeper reads all of it first, which may take minutes; but not for ever, for the question or the answer may get lost.
    internal async Task<byte[]> PrefixAsync(long bytes, CancellationToken cancellation)
    {
        var payload = new byte[8];
        LittleEndian.WriteU64(payload, 0, (ulong)bytes);
        return (await RequestAsync(LinkFrameType.Prefix, LinkProtocol.Handset, payload, 32, cancellation, AnswerTimeout + TimeSpan.FromSeconds(bytes / SlowestFlash)).ConfigureAwait(false))[..32];
    }

    internal Task LeaveAsync(LinkStream transfer, CancellationToken cancellation)
    {
        var payload = new byte[2];
        LittleEndian.WriteU16(payload, 0, transfer.Id);
        return CommandAsync(LinkFrameType.Leave, LinkProtocol.Handset, payload, cancellation);
    }

    /// <summary>Hears what the keeper says about a request that is yet to be sent.</summary>
    internal LinkStream Open(int most)
    {
        var stream = new LinkStream(this, NewId(), most);
        lock (_pending)
        {
            if (_closed)
                throw LinkLost();
            _streams.Add(stream.Id, stream);
        }
        return stream;
    }

    internal void Forget(LinkStream stream)
    {
        lock (_pending)
            _streams.Remove(stream.Id);
    }

    private static byte[] Named(byte what, string profile) => [what, .. Encoding.UTF8.GetBytes(profile)];
}
