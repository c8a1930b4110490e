using System;

namespace Pocketvisor.Flash;

/// <summary>
/// What the folders at the root of a handset's flash are called, and the files in them. Work in progress has names that no profile can
/// have, so that whoever loads profiles passes it by.
/// </summary>
public static class ProfileNames
{
    /// <summary>Bytes; the longest that <see cref="IsProfile"/> lets through.</summary>
    public const int MaxProfile = 31;

    /// <summary>Bytes; the longest that <see cref="IsFile"/> lets through.</summary>
    public const int MaxFile = 100;

    /// <summary>Every profile has one; a folder without it is none.</summary>
    public static ReadOnlySpan<byte> Manifest => "profile.json"u8;

    /// <summary>Is being pushed, and may be incomplete.</summary>
    public static ReadOnlySpan<byte> Part => ".part"u8;

    /// <summary>Was pushed completely and takes the profile's place, whatever happens meanwhile.</summary>
    public static ReadOnlySpan<byte> New => ".new"u8;

    /// <summary>Is being removed.</summary>
    public static ReadOnlySpan<byte> Gone => ".gone"u8;

    /// <summary>[a-z][a-z0-9-]{0,30}, and not "handset", which is what <c>pocket</c> calls the handset itself.</summary>
    public static bool IsProfile(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxProfile || !IsLower(name[0])) return false;
        foreach (byte b in name)
            if (!IsLower(b) && !IsDigit(b) && b != '-') return false;
        return !Equal(name, "handset"u8);
    }

    /// <summary>[A-Za-z0-9_][A-Za-z0-9._+-]{0,99}: no path, and no character that a file system or a shell takes otherwise.</summary>
    public static bool IsFile(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxFile || name[0] is (byte)'.' or (byte)'+' or (byte)'-') return false;
        foreach (byte b in name)
            if (!IsLower((byte)(b | 0x20)) && !IsDigit(b) && b is not ((byte)'.' or (byte)'_' or (byte)'+' or (byte)'-')) return false;
        return true;
    }

    /// <summary>Whether a folder's name is a profile's with this ending.</summary>
    public static bool HasEnding(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> ending, out ReadOnlySpan<byte> profile)
    {
        profile = default;
        if (folder.Length <= ending.Length || !Equal(folder.Slice(folder.Length - ending.Length), ending)) return false;
        profile = folder.Slice(0, folder.Length - ending.Length);
        return IsProfile(profile);
    }

    private static bool Equal(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length) return false;
        for (int i = 0; i < a.Length; i++)
            if (a[i] != b[i]) return false;
        return true;
    }

    private static bool IsLower(byte b) => b is >= (byte)'a' and <= (byte)'z';

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';
}
