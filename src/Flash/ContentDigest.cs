using System;

namespace Pocketvisor.Flash;

/// <summary>
/// The digest by which PC and handset agree that they have the same file. Disk images are mostly zeros, so it passes over them:
/// <code>
///   SHA-256 of   its profile's name, "/", its name, a zero byte
///                for each block of 32 kB that is not all zeros:  u64 its offset │ its bytes (the last block may be short)
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
    private readonly byte[] _name = new byte[ProfileNames.MaxProfile + ProfileNames.MaxFile + 2];
    private int _nameLength;

    public ContentDigest(Digest sha256) => _sha = sha256;

    /// <summary>Begins another file. The names have been checked.</summary>
    public void Begin(ReadOnlySpan<byte> profile, ReadOnlySpan<byte> file)
    {
        profile.CopyTo(_name);
        _name[profile.Length] = (byte)'/';
        file.CopyTo(new Span<byte>(_name, profile.Length + 1, file.Length));
        _nameLength = profile.Length + file.Length + 2;
        _name[_nameLength - 1] = 0;
        Reset();
    }

    /// <summary>Begins the same file again.</summary>
    public void Reset()
    {
        _sha.Reset();
        _sha.Append(new ReadOnlySpan<byte>(_name, 0, _nameLength));
    }

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
