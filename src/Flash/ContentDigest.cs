using System;

namespace Pocketvisor.Flash;

/// <summary>
/// The digest by which PC and handset agree that they have the same file. Disk images are mostly zeros, so it passes over them:
/// <code>
///   SHA-256 of   for each block of 32 kB that is not all zeros:  u64 its offset │ its bytes (the last block may be short)
///                at the end:                                     u64 the length
/// </code>
/// Who goes on behind a part whose digests were found equal begins with that digest: <see cref="Continue"/>.
/// </summary>
public sealed class ContentDigest
{
    /// <summary>Blocks start at multiples of this.</summary>
    public const int BlockBytes = 32 * 1024;

    private readonly Digest _sha;
    private readonly byte[] _number = new byte[8];

    public ContentDigest(Digest sha256) => _sha = sha256;

    public void Reset() => _sha.Reset();

    /// <summary>Begins behind a part of the file.</summary>
    /// <param name="part">What <see cref="Finish"/> gave for it.</param>
    public void Continue(ReadOnlySpan<byte> part)
    {
        _sha.Reset();
        _sha.Append(part);
    }

    /// <summary>The next block; zeros need not be told of.</summary>
    public void Append(ulong offset, ReadOnlySpan<byte> block)
    {
        if (Zeros.Are(block)) return;
        AppendNumber(offset);
        _sha.Append(block);
    }

    public void Finish(ulong length, Span<byte> digest)
    {
        AppendNumber(length);
        _sha.Finish(digest);
    }

    private void AppendNumber(ulong number)
    {
        for (int i = 0; i < 8; i++) _number[i] = (byte)(number >> (8 * i));
        _sha.Append(_number);
    }
}
