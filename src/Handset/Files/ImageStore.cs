using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>The flash of a handset that is off: its image file, which nobody else may have open.</summary>
public sealed class ImageStore : HandsetStore
{
    private readonly ImageFile _image;
    private readonly ExFatVolume _volume;
    private readonly ProfileStore _store;
    private readonly ProfilePush _push;
    private readonly Sha256Digest _sha = new();
    private readonly ContentDigest _digest;
    private readonly byte[] _block = new byte[ContentDigest.BlockBytes];
    private byte[] _pulled = [];
    private FileNode _file;
    private ulong _at;

    private ImageStore(ImageFile image)
    {
        _image = image;
        _volume = new ExFatVolume(image);
        _store = new ProfileStore(_volume);
        _push = new ProfilePush(_store);
        _digest = new ContentDigest(_sha);
    }

    /// <summary>Opens an image, and finishes what a cut has left half done on it.</summary>
    /// <exception cref="HandsetException">It can't be opened, or there is no whole exFAT volume on it.</exception>
    public static ImageStore Open(string path)
    {
        var store = new ImageStore(ImageFile.Open(path));
        try
        {
            store.Mount(path);
            return store;
        }
        catch
        {
            store._image.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Task<StoreContents> ListAsync(CancellationToken cancellation = default)
    {
        List<StoredProfile> profiles = [];
        var cursor = _store.Begin();
        FlashStatus status;
        while ((status = _store.Next(ref cursor, out var folder, out var kind)) == FlashStatus.Ok)
            if (kind != StoredKind.None)
                profiles.Add(new StoredProfile(Encoding.UTF8.GetString(_store.FoundName), Files(folder).Sum(file => file.Length), false, kind == StoredKind.Unfinished));
        if (status != FlashStatus.NotFound)
            Require(status, "the flash");
        profiles.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return Task.FromResult(new StoreContents((long)_volume.FreeBytes, (long)_volume.TotalBytes, profiles));
    }

    /// <summary>Where in the image a file of a profile is, piece by piece.</summary>
    /// <exception cref="HandsetException">It isn't there, or in more pieces than anyone needs to look at.</exception>
    public IReadOnlyList<Extent> Extents(string profile, string file)
    {
        Require(_store.Open(Bytes(profile), Bytes(file), out var node), file);
        var extents = new Extent[64];
        Require(_volume.GetExtents(node, extents, out var count), file);
        return extents[..count];
    }

    /// <inheritdoc/>
    public override Task RemoveAsync(string profile, CancellationToken cancellation = default)
    {
        Require(_store.Find(Bytes(profile), out _), profile);
        for (var done = false; !done;)
            Require(_store.Remove(Bytes(profile), out done), profile);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task RemoveUnfinishedAsync(string profile, CancellationToken cancellation = default)
    {
        for (var done = false; !done;)
            Require(_store.Abandon(Bytes(profile), out done), profile);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _image.Dispose();
        _sha.Dispose();
        return ValueTask.CompletedTask;
    }

    internal override Task<IReadOnlyList<StoredFile>> FilesAsync(string profile, StoredKind kind, CancellationToken cancellation)
    {
        Require(kind == StoredKind.Unfinished ? _store.FindPart(Bytes(profile), out var folder) : _store.Find(Bytes(profile), out folder), profile);
        return Task.FromResult(Files(folder));
    }

    internal override Task BeginPushAsync(string profile, bool replace, CancellationToken cancellation)
    {
        var status = _push.Begin(Bytes(profile), replace);
        if (status == FlashStatus.Exists)
            throw new HandsetException($"{profile} is on the flash already: `pocket push --replace` puts this one in its place.");
        Require(status, profile);
        return Task.CompletedTask;
    }

    internal override Task DropAsync(string file, CancellationToken cancellation) => Done(_push.Drop(Bytes(file)), file);

    internal override Task<long> PushFileAsync(string file, long length, bool anew, CancellationToken cancellation)
    {
        _push.EndFile();
        Require(_push.BeginFile(Bytes(file), (ulong)length, anew), file);
        _digest.Begin(_push.Name, Bytes(file));
        return Task.FromResult((long)_push.At);
    }

    internal override Task WriteAsync(long offset, ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _digest.Append((ulong)offset, block.Span);
        return Done(_push.Append(block.Span), Encoding.UTF8.GetString(_push.Name));
    }

    internal override Task WriteZerosAsync(long offset, long count, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Done(_push.AppendZeros((ulong)count), Encoding.UTF8.GetString(_push.Name));
    }

    internal override Task EndPushFileAsync(byte[] digest, CancellationToken cancellation)
    {
        var ours = Finish(_push.Length);
        _push.EndFile();
        return ours.AsSpan().SequenceEqual(digest) ? Task.CompletedTask : throw new HandsetException("A file changed while it was pushed: push it when nothing writes to it.");
    }

    internal override Task CommitPushAsync(CancellationToken cancellation)
    {
        var name = _push.Name.ToArray();
        Require(_push.Commit(), Encoding.UTF8.GetString(name));
        for (var done = false; !done;)
            Require(_store.Finish(name, out done), Encoding.UTF8.GetString(name));
        return Task.CompletedTask;
    }

    internal override Task BeginPullAsync(string profile, CancellationToken cancellation)
    {
        _pulled = Bytes(profile);
        return Done(_store.Find(_pulled, out _), profile);
    }

    internal override Task<long> PullFileAsync(string file, CancellationToken cancellation)
    {
        Require(_store.Open(_pulled, Bytes(file), out _file), file);
        _at = 0;
        _digest.Begin(_pulled, Bytes(file));
        return Task.FromResult((long)_file.Length);
    }

    internal override Task<byte[]> PrefixAsync(long bytes, CancellationToken cancellation)
    {
        _digest.Reset();
        for (ulong at = 0; at < (ulong)bytes; at += (ulong)_block.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = _block.AsSpan(0, (int)Math.Min((ulong)_block.Length, (ulong)bytes - at));
            Require(_push.HasFile ? _push.Read(at, block) : _volume.Read(_file, at, block), "the flash");
            _digest.Append(at, block);
        }
        var prefix = Finish((ulong)bytes);
        _digest.Continue(prefix);
        _at = (ulong)bytes;
        return Task.FromResult(prefix);
    }

    internal override Task<byte[]> ReadAsync(BlockSink sink, CancellationToken cancellation)
    {
        while (_at < _file.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = _block.AsSpan(0, (int)Math.Min((ulong)_block.Length, _file.Length - _at));
            Require(_volume.Read(_file, _at, block), "the flash");
            if (Zeros.Are(block))
            {
                sink.Zeros((long)_at, block.Length);
            }
            else
            {
                _digest.Append(_at, block);
                sink.Data((long)_at, block);
            }
            _at += (ulong)block.Length;
        }
        return Task.FromResult(Finish(_file.Length));
    }

    internal override Task LeaveAsync()
    {
        _push.Leave();
        _volume.Flush();
        return Task.CompletedTask;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Sentence(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    private void Mount(string path)
    {
        Require(_volume.Mount(), path);
        _volume.Timestamp = Timestamps.FromUnix((uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        for (var done = false; !done;)
            Require(_store.CleanUp(out done), path);
    }

    private byte[] Finish(ulong length)
    {
        var digest = new byte[Digest.Bytes];
        _digest.Finish(length, digest);
        return digest;
    }

    private IReadOnlyList<StoredFile> Files(FileNode folder)
    {
        List<StoredFile> files = [];
        var cursor = new FolderCursor(folder);
        FlashStatus status;
        while ((status = _volume.Next(ref cursor, out var node)) == FlashStatus.Ok)
            if (!node.IsFolder && ProfileNames.IsFile(_volume.LastName))
                files.Add(new StoredFile(Sentence(_volume.LastName), (long)node.Length, (long)node.ValidLength));
        if (status != FlashStatus.NotFound)
            Require(status, "the flash");
        return files;
    }

    private Task Done(FlashStatus status, string what)
    {
        Require(status, what);
        return Task.CompletedTask;
    }

    private void Require(FlashStatus status, string what)
    {
        if (status == FlashStatus.Ok)
            return;
        var detail = status is FlashStatus.Damaged && _volume.Problem.Length > 0 ? $" ({Sentence(_volume.Problem)})" : "";
        throw new HandsetException($"{what}: {Sentence(FlashSentences.Of(status))}{detail}.");
    }
}
