using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>The SHA-256 that a manifest gives a file.</summary>
public sealed class ManifestDigest
{
    private readonly byte[] _file = new byte[Manifest.MaxFileName], _value = new byte[Digest.Bytes];
    private int _length;

    /// <summary>Name of the file in the profile's folder.</summary>
    public ReadOnlySpan<byte> File => new ReadOnlySpan<byte>(_file).Slice(0, _length);

    public ReadOnlySpan<byte> Value => _value;

    /// <summary><see cref="Value"/>, to be written.</summary>
    public Span<byte> Buffer => _value;

    /// <param name="name">A file name.</param>
    public void SetFile(ReadOnlySpan<byte> name)
    {
        name.CopyTo(_file);
        _length = name.Length;
    }
}
