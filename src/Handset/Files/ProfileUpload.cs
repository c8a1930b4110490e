using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>One push, to whatever store.</summary>
internal sealed class ProfileUpload(HandsetStore store, string profile, string folder, IReadOnlyList<string> files, IProgress<TransferProgress>? progress)
{
    private const int ReadBytes = 32 * ContentDigest.BlockBytes;

    private readonly TransferMeter _meter = new(progress);
    private readonly byte[] _buffer = new byte[ReadBytes];
    private bool _nothingCame; // and nothing will: there is nothing to continue

    public async Task RunAsync(bool replace, CancellationToken cancellation)
    {
        await Task.Yield(); // A store on a file never waits, and the caller shall not either.
        Check();
        _meter.TotalBytes = files.Sum(file => new FileInfo(Path.Combine(folder, file)).Length);
        try
        {
            await store.BeginPushAsync(profile, replace, cancellation).ConfigureAwait(false);
            await MakeRoomAsync(cancellation).ConfigureAwait(false);
            foreach (var file in files)
                await PushAsync(file, cancellation).ConfigureAwait(false);
            await store.CommitPushAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await store.LeaveAsync().ConfigureAwait(false);
            if (_nothingCame)
                await store.RemoveUnfinishedAsync(profile, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private void Check()
    {
        if (!ProfileNames.IsProfile(Encoding.UTF8.GetBytes(profile)))
            throw new HandsetException($"\"{profile}\" can't be a profile's name: it takes a lower-case letter, then up to 30 lower-case letters, digits or hyphens.");
        if (!files.Contains("profile.json"))
            throw new HandsetException($"{folder}: there is no profile.json to push.");
        foreach (var file in files)
        {
            if (!ProfileNames.IsFile(Encoding.UTF8.GetBytes(file)) || files.Count(other => string.Equals(other, file, StringComparison.OrdinalIgnoreCase)) > 1)
                throw new HandsetException($"{Path.Combine(folder, file)}: a profile's file can't have this name; use letters, digits, and . _ + - between them, and no name twice.");
            if (!File.Exists(Path.Combine(folder, file)))
                throw new HandsetException($"{Path.Combine(folder, file)}: there is no such file; the profile names it.");
        }
    }

    /// <summary>Drops what an earlier attempt left and this one has no use for, and looks whether the rest fits.</summary>
    private async Task MakeRoomAsync(CancellationToken cancellation)
    {
        var needed = _meter.TotalBytes;
        foreach (var left in await store.FilesAsync(profile, StoredKind.Unfinished, cancellation).ConfigureAwait(false))
        {
            if (files.Contains(left.Name) && left.Length == new FileInfo(Path.Combine(folder, left.Name)).Length)
                needed -= left.Length;
            else
                await store.DropAsync(left.Name, cancellation).ConfigureAwait(false);
        }
        var free = (await store.ListAsync(cancellation).ConfigureAwait(false)).FreeBytes;
        _nothingCame = needed > free && needed == _meter.TotalBytes;
        if (needed > free)
            throw new HandsetException($"{profile} needs {needed >> 20} MB and the flash has {free >> 20} MB free: remove a profile, or make a handset with more flash.");
    }

    private async Task PushAsync(string file, CancellationToken cancellation)
    {
        using var source = new FileStream(Path.Combine(folder, file), FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        using var sha = new Sha256Digest();
        var digest = new ContentDigest(sha);
        digest.Begin(Encoding.UTF8.GetBytes(profile), Encoding.UTF8.GetBytes(file));
        var length = source.Length;
        _meter.File = file;
        _meter.Report();

        var at = await store.PushFileAsync(file, length, anew: false, cancellation).ConfigureAwait(false);
        if (at < 0 || at > length)
            throw LinkClient.Misunderstood();
        if (at > 0)
        {
            var (ours, theirs) = (ContentOf(source, at, digest), await store.PrefixAsync(at, cancellation).ConfigureAwait(false));
            if (ours.AsSpan().SequenceEqual(theirs))
                digest.Continue(ours);
            else
                at = await store.PushFileAsync(file, length, anew: true, cancellation).ConfigureAwait(false);
        }
        if (at == 0)
            digest.Reset();
        _meter.Add(at);

        // Zeros wait until something else comes, so that many blocks of them take one frame.
        var zerosFrom = at;
        source.Position = at;
        while (at < length)
        {
            var rest = _buffer.AsMemory(0, (int)Math.Min(_buffer.Length, length - at));
            if (await source.ReadAtLeastAsync(rest, rest.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false) < rest.Length)
                throw new HandsetException($"{source.Name} became shorter while it was pushed: push it when nothing writes to it.");
            for (; rest.Length > 0; rest = rest[Math.Min(rest.Length, ContentDigest.BlockBytes)..])
            {
                var block = rest[..Math.Min(rest.Length, ContentDigest.BlockBytes)];
                if (!Zeros.Are(block.Span))
                {
                    if (zerosFrom < at)
                        await store.WriteZerosAsync(zerosFrom, at - zerosFrom, cancellation).ConfigureAwait(false);
                    digest.Append((ulong)at, block.Span);
                    await store.WriteAsync(at, block, cancellation).ConfigureAwait(false);
                    zerosFrom = at + block.Length;
                }
                at += block.Length;
                _meter.Add(block.Length);
            }
        }
        if (zerosFrom < at)
            await store.WriteZerosAsync(zerosFrom, at - zerosFrom, cancellation).ConfigureAwait(false);
        var result = new byte[Digest.Bytes];
        digest.Finish((ulong)length, result);
        await store.EndPushFileAsync(result, cancellation).ConfigureAwait(false);
    }

    /// <summary>The digest of a file's beginning.</summary>
    internal static byte[] ContentOf(FileStream file, long bytes, ContentDigest digest)
    {
        var block = new byte[ContentDigest.BlockBytes];
        digest.Reset();
        file.Position = 0;
        for (long at = 0; at < bytes;)
        {
            var count = file.ReadAtLeast(block, (int)Math.Min(block.Length, bytes - at), throwOnEndOfStream: true);
            digest.Append((ulong)at, block.AsSpan(0, (int)Math.Min(count, bytes - at)));
            at += count;
        }
        var result = new byte[Digest.Bytes];
        digest.Finish((ulong)bytes, result);
        return result;
    }
}
