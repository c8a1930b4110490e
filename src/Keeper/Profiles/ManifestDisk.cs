using System;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>A disk that a manifest names.</summary>
public sealed class ManifestDisk
{
    private readonly byte[] _file = new byte[Manifest.MaxFileName];
    private int _length;

    /// <summary>Name of the file in the profile's folder.</summary>
    public ReadOnlySpan<byte> File => new ReadOnlySpan<byte>(_file).Slice(0, _length);

    public bool ReadOnly { get; set; }

    public void Reset()
    {
        _length = 0;
        ReadOnly = false;
    }

    /// <summary>False if it is no file name.</summary>
    public bool TrySetFile(ReadOnlySpan<byte> name)
    {
        if (!Manifest.IsFileName(name)) return false;
        name.CopyTo(_file);
        _length = name.Length;
        return true;
    }
}
