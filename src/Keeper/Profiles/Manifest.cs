using System;
using Pocketvisor.Flash;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>
/// What profile.json says (its schema is src/Profiles/profile.schema.json). One object a slot: it is read into again when the slot gets
/// another profile (Manifest.Reading.cs).
/// </summary>
public sealed partial class Manifest
{
    public const uint OldestVersion = 1, CurrentVersion = 2;
    public const int MaxName = 31, MaxFileName = 100, MaxCommandLine = 1023;
    public const ulong MemoryGranule = 2 << 20, MaxMemory = 64UL << 30;

    private readonly byte[] _name = new byte[MaxName], _kernel = new byte[MaxFileName], _initrd = new byte[MaxFileName], _commandLine = new byte[MaxCommandLine];
    private readonly ManifestDisk[] _disks = new ManifestDisk[ProfileLimits.MaxDisks];
    private readonly ManifestDigest[] _digests = new ManifestDigest[ProfileLimits.MaxDisks + 2]; // kernel, initrd
    private int _nameLength, _kernelLength, _initrdLength, _commandLineLength, _digestCount;

    public Manifest()
    {
        for (int i = 0; i < _disks.Length; i++) _disks[i] = new ManifestDisk();
        for (int i = 0; i < _digests.Length; i++) _digests[i] = new ManifestDigest();
        Reset();
    }

    public ReadOnlySpan<byte> Name => new ReadOnlySpan<byte>(_name).Slice(0, _nameLength);
    public ReadOnlySpan<byte> Kernel => new ReadOnlySpan<byte>(_kernel).Slice(0, _kernelLength);

    /// <summary>Empty if there is none.</summary>
    public ReadOnlySpan<byte> Initrd => new ReadOnlySpan<byte>(_initrd).Slice(0, _initrdLength);

    public ReadOnlySpan<byte> CommandLine => new ReadOnlySpan<byte>(_commandLine).Slice(0, _commandLineLength);
    public int Cores { get; private set; }

    /// <summary>Bytes.</summary>
    public ulong Memory { get; private set; }

    /// <summary>Share of the cores, 1 to 1000.</summary>
    public int Weight { get; private set; }

    public bool Autostart { get; private set; }

    /// <summary>Whether it starts again after a failure: see <see cref="RestartPolicy"/>.</summary>
    public bool RestartsOnFailure { get; private set; }

    public int DiskCount { get; private set; }

    /// <summary>Whether frames go between it and the outside.</summary>
    public bool HasNetwork { get; private set; }

    /// <summary>Whether the manifest says which <see cref="Mac"/>.</summary>
    public bool HasMac { get; private set; }

    /// <summary>Six bytes, the first one most significant; unicast and locally administered.</summary>
    public ulong Mac { get; private set; }

    /// <param name="index">0 is vda.</param>
    public ManifestDisk Disk(int index) => _disks[index];

    /// <summary>The SHA-256 that a file must have; empty if the manifest gives none.</summary>
    /// <param name="file">The kernel, the initrd or a read-only disk.</param>
    public ReadOnlySpan<byte> DigestOf(ReadOnlySpan<byte> file)
    {
        for (int i = 0; i < _digestCount; i++)
            if (Bytes.Equal(_digests[i].File, file)) return _digests[i].Value;
        return default;
    }

    /// <summary>As if nothing had been read yet: the defaults.</summary>
    public void Reset()
    {
        _seen = Fields.None;
        _nameLength = _kernelLength = _initrdLength = _commandLineLength = _digestCount = 0;
        Cores = 1;
        Memory = 0;
        Weight = 100;
        Autostart = HasNetwork = true;
        RestartsOnFailure = HasMac = false;
        Mac = 0;
        DiskCount = 0;
    }

    /// <summary>[a-z][a-z0-9-]{0,30}, and not "handset", which the command line uses.</summary>
    public static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxName || !IsLower(name[0])) return false;
        foreach (byte b in name)
            if (!IsLower(b) && !IsDigit(b) && b != '-') return false;
        return !Bytes.Equal(name, "handset"u8);
    }

    /// <summary>[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}: no path, and nothing that a shell or a cpio archive takes otherwise.</summary>
    public static bool IsFileName(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxFileName || name[0] is (byte)'.' or (byte)'+' or (byte)'-') return false;
        foreach (byte b in name)
            if (!IsLower((byte)(b | 0x20)) && !IsDigit(b) && b is not ((byte)'.' or (byte)'_' or (byte)'+' or (byte)'-')) return false;
        return true;
    }

    /// <summary>A number with M or G; 2 MB to 64 GB in steps of 2 MB.</summary>
    public static bool TryParseMemory(ReadOnlySpan<byte> text, out ulong bytes)
    {
        bytes = 0;
        if (text.Length is < 2 or > 10) return false;
        foreach (byte b in text.Slice(0, text.Length - 1))
        {
            if (!IsDigit(b)) return false;
            bytes = bytes * 10 + b - '0';
        }
        byte unit = text[text.Length - 1];
        if (unit != 'M' && unit != 'G') return false;
        bytes <<= unit == 'M' ? 20 : 30;
        return bytes is >= MemoryGranule and <= MaxMemory && bytes % MemoryGranule == 0;
    }

    /// <summary>Six bytes as 02:11:22:33:44:55, in lower case; unicast and locally administered (IEEE 802, "Universal and local addresses").</summary>
    public static bool TryParseMac(ReadOnlySpan<byte> text, out ulong mac)
    {
        const int digits = 12;
        mac = 0;
        if (text.Length != digits + 5) return false;
        for (int i = 0; i < text.Length; i++)
        {
            if (i % 3 == 2)
            {
                if (text[i] != ':') return false;
                continue;
            }
            int digit = HexDigit(text[i]);
            if (digit < 0) return false;
            mac = mac << 4 | (uint)digit;
        }
        return (mac >> 40 & 3) == 2;
    }

    private static bool IsPrintable(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
            if (b is < 0x20 or > 0x7E) return false;
        return true;
    }

    private static bool IsLower(byte b) => b is >= (byte)'a' and <= (byte)'z';
    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';

    // Of a lower-case hexadecimal digit; -1 for anything else.
    private static int HexDigit(byte b) => IsDigit(b) ? b - '0' : b is >= (byte)'a' and <= (byte)'f' ? b - 'a' + 10 : -1;
}
