using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>
/// One pull, from whatever store. What the store says is checked: nothing is written outside the new folder, nor more than was announced.
/// </summary>
internal sealed class ProfileDownload(HandsetStore store, string profile, string intoFolder, IProgress<TransferProgress>? progress)
{
    private const int MaxFiles = 1000; // Nobody has so many in a profile.
    private const long MaxFileBytes = long.MaxValue / MaxFiles; // So that all together have a number, too.

    private readonly TransferMeter _meter = new(progress);

    public async Task RunAsync(CancellationToken cancellation)
    {
        await Task.Yield(); // A store on a file never waits, and the caller shall not either.
        if (!ProfileNames.IsProfile(Encoding.UTF8.GetBytes(profile)))
            throw new HandsetException($"\"{profile}\" can't be a profile's name.");
        var target = Path.Combine(intoFolder, profile);
        if (Path.Exists(target))
            throw new HandsetException($"{target} is there already: remove it, or pull into another folder.");

        try
        {
            await store.BeginPullAsync(profile, cancellation).ConfigureAwait(false);
            var files = await store.FilesAsync(profile, cancellation).ConfigureAwait(false);
            Check(files);
            var part = Directory.CreateDirectory(target + ".part");
            foreach (var left in part.GetFiles().Where(left => files.All(file => file.Name != left.Name)))
                left.Delete();
            _meter.TotalBytes = files.Sum(file => file.Length);
            foreach (var file in files)
                await PullAsync(file, Path.Combine(part.FullName, file.Name), cancellation).ConfigureAwait(false);
            part.MoveTo(target);
        }
        catch (IOException e)
        {
            throw new HandsetException($"{profile} can't be copied to {target}: {e.Message}");
        }
        finally
        {
            await store.LeaveAsync().ConfigureAwait(false);
        }
    }

    private void Check(IReadOnlyList<StoredFile> files)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
            if (!ProfileNames.IsFile(Encoding.UTF8.GetBytes(file.Name)) || !names.Add(file.Name) || file.Length is < 0 or > MaxFileBytes)
                throw new HandsetException($"{profile} has a file on the handset that no profile can have: \"{Printable(file.Name)}\".");
        if (files.Count > MaxFiles || !names.Contains("profile.json"))
            throw new HandsetException($"{profile} on the handset is no profile: it has {files.Count} files, and {(names.Contains("profile.json") ? "too many" : "no profile.json")}.");
    }

    private static string Printable(string text) => string.Concat(text.Take(100).Select(c => c is > ' ' and <= '~' ? c : '?'));

    private async Task PullAsync(StoredFile file, string path, CancellationToken cancellation)
    {
        using var target = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 0);
        using var sha = new Sha256Digest();
        var digest = new ContentDigest(sha);
        digest.Begin(Encoding.UTF8.GetBytes(profile), Encoding.UTF8.GetBytes(file.Name));
        _meter.File = file.Name;
        _meter.Report();

        await OpenAsync(file, cancellation).ConfigureAwait(false);
        var at = target.Length < file.Length ? target.Length - target.Length % ContentDigest.BlockBytes : file.Length;
        if (at > 0)
        {
            var (ours, theirs) = (ProfileUpload.ContentOf(target, at, digest), await store.PrefixAsync(at, cancellation).ConfigureAwait(false));
            if (ours.AsSpan().SequenceEqual(theirs))
            {
                digest.Continue(ours);
            }
            else
            {
                at = 0;
                await OpenAsync(file, cancellation).ConfigureAwait(false);
            }
        }
        if (at == 0)
            digest.Reset();
        target.SetLength(at);
        _meter.Add(at);

        var sink = new FileSink(target, file.Length, digest, _meter);
        var wanted = await store.ReadAsync(sink, cancellation).ConfigureAwait(false);
        var got = new byte[Digest.Bytes];
        digest.Finish((ulong)file.Length, got);
        if (target.Length != file.Length || !got.AsSpan().SequenceEqual(wanted))
            throw new HandsetException($"{profile}/{file.Name} changed on its way from the handset: pull it again.");
        target.Flush(flushToDisk: true);
    }

    private async Task OpenAsync(StoredFile file, CancellationToken cancellation)
    {
        if (await store.PullFileAsync(file.Name, cancellation).ConfigureAwait(false) != file.Length)
            throw new HandsetException($"{profile}/{file.Name} has another length on the handset now: pull it again.");
    }

    /// <summary>A file that grows with what comes; what is zero becomes a hole. So its length always tells how far it has come.</summary>
    private sealed class FileSink(FileStream target, long length, ContentDigest digest, TransferMeter meter) : BlockSink
    {
        private long _at = target.Length;

        public override void Data(long offset, ReadOnlySpan<byte> block)
        {
            Expect(offset, block.Length, most: ContentDigest.BlockBytes);
            digest.Append((ulong)offset, block);
            RandomAccess.Write(target.SafeFileHandle, block, offset);
            Advance(block.Length);
        }

        public override void Zeros(long offset, long count)
        {
            Expect(offset, count, most: length);
            try
            {
                target.SetLength(offset + count);
            }
            catch (ArgumentOutOfRangeException)
            {
                throw new HandsetException($"{target.Name} can't be written: the file system there has no files as large as {length} bytes.");
            }
            Advance(count);
        }

        private void Expect(long offset, long count, long most)
        {
            if (offset != _at || count <= 0 || count > most || count > length - offset || (count % ContentDigest.BlockBytes != 0 && offset + count != length))
                throw new HandsetException($"A piece of {Path.GetFileName(target.Name)} did not come as it should: pull it again.");
        }

        private void Advance(long count)
        {
            _at += count;
            meter.Add(count);
        }
    }
}
