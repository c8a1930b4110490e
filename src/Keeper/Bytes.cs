using System;

namespace Pocketvisor.Keeper;

/// <summary>Comparisons of byte strings.</summary>
public static class Bytes
{
    public static bool Equal(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length) return false;
        for (int i = 0; i < a.Length; i++)
            if (a[i] != b[i]) return false;
        return true;
    }

    /// <summary>Below 0, 0 or above 0, by the first byte that differs.</summary>
    public static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int same = 0;
        while (same < a.Length && same < b.Length && a[same] == b[same]) same++;
        return same < a.Length && same < b.Length ? a[same] - b[same] : a.Length - b.Length;
    }

    /// <summary>Upper- and lower-case ASCII letters are the same, as they are in the names of an exFAT volume.</summary>
    public static bool EqualIgnoringCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length) return false;
        for (int i = 0; i < a.Length; i++)
            if (ToLower(a[i]) != ToLower(b[i])) return false;
        return true;
    }

    public static bool StartWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) =>
        text.Length >= start.Length && Equal(text.Slice(0, start.Length), start);

    public static int IndexOf(ReadOnlySpan<byte> text, byte wanted)
    {
        for (int i = 0; i < text.Length; i++)
            if (text[i] == wanted) return i;
        return -1;
    }

    private static byte ToLower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
}
