using System;

namespace Pocketvisor.Keeper.Profiles;

/// <summary>The 64-byte header of an arm64 kernel (Linux, Documentation/arch/arm64/booting), which other guests wear as well.</summary>
public readonly struct KernelImage
{
    public const int HeaderSize = 64;

    private const int TextOffsetField = 8, SizeField = 16, MagicField = 56;
    private const uint Magic = 0x644D5241; // "ARM\x64"

    private KernelImage(ulong textOffset, ulong size)
    {
        TextOffset = textOffset;
        Size = size;
    }

    /// <summary>Where it wants to be, from a 2 MB aligned base.</summary>
    public ulong TextOffset { get; }

    /// <summary>Bytes that it uses there, at least those of its file.</summary>
    public ulong Size { get; }

    /// <summary>Reads the header of a file.</summary>
    /// <param name="file">Its first bytes.</param>
    /// <param name="fileSize">All of its bytes.</param>
    public static bool TryRead(ReadOnlySpan<byte> file, ulong fileSize, out KernelImage image)
    {
        image = default;
        if (file.Length < HeaderSize || LittleEndian(file, MagicField, 4) != Magic) return false;
        ulong offset = LittleEndian(file, TextOffsetField, 8), size = LittleEndian(file, SizeField, 8);
        // Before Linux 3.17 the size was 0, and the offset in whatever byte order.
        if (size == 0) offset = 0x80000;
        image = new KernelImage(offset, Math.Max(size, fileSize));
        return true;
    }

    private static ulong LittleEndian(ReadOnlySpan<byte> file, int at, int bytes)
    {
        ulong value = 0;
        for (int i = bytes - 1; i >= 0; i--) value = value << 8 | file[at + i];
        return value;
    }
}
