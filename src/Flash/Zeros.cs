using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pocketvisor.Flash;

public static class Zeros
{
    /// <summary>Whether all bytes are zero, quickly: most of a disk image is.</summary>
    public static bool Are(ReadOnlySpan<byte> bytes)
    {
        // Words are read without a bounds check: every one lies below whole, and so inside.
        ref byte first = ref MemoryMarshal.GetReference(bytes);
        int whole = bytes.Length & ~31;
        for (int i = 0; i < whole; i += 32)
            if ((Word(ref first, i) | Word(ref first, i + 8) | Word(ref first, i + 16) | Word(ref first, i + 24)) != 0) return false;
        for (int i = whole; i < bytes.Length; i++)
            if (bytes[i] != 0) return false;
        return true;
    }

    private static ulong Word(ref byte first, int offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, offset));
}
