using System.Text;
using Pocketvisor.Flash;
using Pocketvisor.Profiles;

namespace Pocketvisor.Handsets;

/// <summary>Looks at a profile on a flash without copying it. The profile must not run.</summary>
public static class StoreReading
{
    // The keeper reads no longer one either.
    private const int LongestManifest = 64 * 1024;

    /// <summary>Reads a profile's manifest.</summary>
    /// <exception cref="HandsetException">There is no such profile, it runs, or its manifest is too long for one.</exception>
    public static async Task<string> ReadManifestAsync(this HandsetStore store, string profile, CancellationToken cancellation = default)
    {
        await store.BeginPullAsync(profile, cancellation).ConfigureAwait(false);
        try
        {
            var length = await store.PullFileAsync(ProfileManifest.FileName, cancellation).ConfigureAwait(false);
            if (length > LongestManifest)
                throw new HandsetException($"{profile}/{ProfileManifest.FileName} on the handset is no manifest: it has {length} bytes.");
            var text = new MemorySink((int)length);
            await store.ReadAsync(text, cancellation).ConfigureAwait(false);
            return Encoding.UTF8.GetString(text.Bytes);
        }
        finally
        {
            await store.LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Whether files of a profile are the same here and there.</summary>
    /// <exception cref="HandsetException">There is no such profile, or it runs.</exception>
    public static async Task<bool> HasSameAsync(this HandsetStore store, string profile, string folder, IEnumerable<string> files, CancellationToken cancellation = default)
    {
        var there = await store.FilesAsync(profile, cancellation).ConfigureAwait(false);
        using var sha = new Sha256Digest();
        var digest = new ContentDigest(sha);
        await store.BeginPullAsync(profile, cancellation).ConfigureAwait(false);
        try
        {
            foreach (var name in files)
            {
                using var here = new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.Read, 0);
                if (there.All(file => file.Name != name || file.Length != here.Length))
                    return false;
                var length = await store.PullFileAsync(name, cancellation).ConfigureAwait(false);
                digest.Begin(Encoding.UTF8.GetBytes(profile), Encoding.UTF8.GetBytes(name));
                var theirs = await store.PrefixAsync(length, cancellation).ConfigureAwait(false);
                if (!ProfileUpload.ContentOf(here, length, digest).AsSpan().SequenceEqual(theirs))
                    return false;
            }
            return true;
        }
        finally
        {
            await store.LeaveAsync().ConfigureAwait(false);
        }
    }

    private sealed class MemorySink(int length) : BlockSink
    {
        public byte[] Bytes { get; } = new byte[length];

        public override void Data(long offset, ReadOnlySpan<byte> block)
        {
            if (offset < 0 || offset > Bytes.Length - block.Length)
                throw new HandsetException("The manifest on the handset changed while it was read: try again.");
            block.CopyTo(Bytes.AsSpan((int)offset));
        }

        public override void Zeros(long offset, long count)
        {
            // It has been zero from the start.
        }
    }
}
